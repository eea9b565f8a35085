import Testing

@testable import ZMQReactor

/// Every order of the steps of a producer and a consumer, up to a small size: neither sleeps while there is something
/// for it.
@Suite struct ChannelStateTests {
    /// Two sides that behave as connections do: their next steps depend on whether they are awake.
    private struct World {
        var channel = ChannelState()
        var window: CreditWindow
        var toPut: Int
        var taken = 0
        var isProducerAwake = true
        var isConsumerAwake = false
        var wakesOfConsumer = 0

        private static let message = Credit(messages: 1, bytes: 7)

        enum Step: CaseIterable { case put, takeAcknowledged, take, close }
        var hasClosed = false
        var consumerSawClose = false

        /// Does the step. Returns whether it is possible now.
        mutating func perform(_ step: Step) -> Bool {
            switch step {
            case .put:
                guard isProducerAwake, toPut > 0, window.canReserve(behind: .zero) else { return false }
                toPut -= 1
                window.reserve(Self.message)
                let (wakes, credit) = channel.put()
                window.acknowledge(credit)
                if wakes { wakeConsumer() }
            case .takeAcknowledged:
                guard isProducerAwake, !window.canReserve(behind: .zero) else { return false }
                let awaited = window.awaited(behind: .zero, isFull: true, sharesBudget: false)
                let credit = channel.takeAcknowledged(awaiting: awaited)
                window.acknowledge(credit)
                isProducerAwake = credit != .zero
            case .take:
                guard isConsumerAwake else { return false }
                let (items, isClosed) = channel.take(.empty)
                isConsumerAwake = !items.isEmpty
                if isClosed { consumerSawClose = true }
                // The consumer acknowledges each message by itself.
                for _ in items {
                    taken += 1
                    if channel.acknowledge(Self.message) { isProducerAwake = true }
                }
            case .close:
                guard isProducerAwake, toPut == 0, !hasClosed else { return false }
                hasClosed = true
                if channel.close() { wakeConsumer() }
            }
            return true
        }

        private mutating func wakeConsumer() {
            isConsumerAwake = true
            wakesOfConsumer += 1
        }
    }

    @Test(
        "no wake-up is lost in any order of putting, taking credit, taking items and closing",
        arguments: 1...4,
        1...6
    )
    func noWakeUpIsLost(limit: Int, messages: Int) {
        var finished = 0
        var pending = [World(window: CreditWindow(messages: limit, bytes: nil), toPut: messages)]
        while let world = pending.popLast() {
            var isStuck = true
            for step in World.Step.allCases {
                var next = world
                guard next.perform(step) else { continue }
                isStuck = false
                pending.append(next)
            }
            guard isStuck else { continue }
            finished += 1
            #expect(world.taken == messages && world.consumerSawClose, "both sides sleep with work left")
        }
        #expect(finished > 0)
    }

    /// Goes through everything that can happen, once for each state that can be reached.
    private func explore(_ start: some ChannelWorld) {
        var seen: Set<[Int]> = [start.key]
        var pending = [start]
        var finished = 0
        while let world = pending.popLast() {
            let next = world.next
            if next.isEmpty {
                finished += 1
                guard world.isDone else { return #expect(Bool(false), "both sides sleep with work left: \(world)") }
            }
            for world in next where seen.insert(world.key).inserted { pending.append(world) }
        }
        #expect(finished > 0)
    }

    /// Loads of small messages, and of small and large ones with a limit in bytes.
    private static let loads: [ChannelLoad] =
        (1...4).flatMap { limit in
            (1...5).map { ChannelLoad(sizes: Array(repeating: 1, count: $0), limit: limit, byteLimit: nil) }
        }
        + [1, 2, 4].flatMap { byteLimit in
            [[1, 1, 1, 1], [1, 5, 1, 1], [5, 1, 5], [1, 1, 5, 1, 1]].map {
                ChannelLoad(sizes: $0, limit: 3, byteLimit: byteLimit)
            }
        }
        // A window that is never full, whose bytes others wait for.
        + [[1, 1, 1, 1], [1, 5, 1, 1]].map { ChannelLoad(sizes: $0, limit: 10, byteLimit: 100, sharesBudget: true) }

    @Test(
        "a connection learns of room and its peer of messages, in any order of sending, asking, using and closing",
        arguments: loads
    )
    func connections(load: ChannelLoad) {
        explore(ConnectionWorld(load, asks: 2, mayLose: false))
    }

    @Test(
        "what a lost connection has not sent comes back, and nothing else",
        arguments: loads.filter { $0.sizes.count < 5 }
    )
    func lostConnections(load: ChannelLoad) {
        explore(ConnectionWorld(load, asks: 1, mayLose: true))
    }

    @Test(
        "a session pipe that has stopped reading reads on, in any order of reading, taking and closing",
        arguments: loads
    )
    func sessionPipes(load: ChannelLoad) {
        explore(SessionPipeWorld(load))
    }

    @Test(
        "a consumer of a shared chunk misses nothing, in any order of filling, sealing, taking and closing",
        arguments: 1...6,
        0...3
    )
    func sharedChunks(messages: Int, items: Int) {
        explore(SharedChunkWorld(messages: messages, items: items))
    }
}
