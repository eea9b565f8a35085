import Testing

@testable import ZMQReactor

/// Every order of what a producer and a consumer can do, up to a small size: nobody sleeps while there is something for it.
@Suite struct LaneStateTests {
    /// Both sides as their links behave: what they do next depends on whether they are awake.
    private struct World {
        var lane = LaneState()
        var toPut: Int
        /// Most messages that the producer may have put and not heard to be used.
        let limit: Int
        var outstanding = 0
        var taken = 0
        var isProducerAwake = true
        var isConsumerAwake = false
        var wakesOfConsumer = 0

        enum Step: CaseIterable { case put, collect, take, close }
        var hasClosed = false
        var consumerSawClose = false

        /// Does the step; false when it is not possible now.
        mutating func perform(_ step: Step) -> Bool {
            switch step {
            case .put:
                guard isProducerAwake, toPut > 0, outstanding < limit else { return false }
                toPut -= 1
                outstanding += 1
                if lane.put(.messages(Run(Message()))) { wakeConsumer() }
            case .collect:
                guard isProducerAwake, outstanding == limit else { return false }
                let used = lane.collect(waitsFor: Credit(messages: max(limit / 2, 1))).messages
                outstanding -= used
                isProducerAwake = used > 0
            case .take:
                guard isConsumerAwake else { return false }
                let (parcels, isClosed) = lane.take(.empty)
                isConsumerAwake = !parcels.isEmpty
                if isClosed { consumerSawClose = true }
                // The consumer reports each message by itself.
                for _ in parcels {
                    taken += 1
                    if lane.report(Credit(messages: 1, bytes: 7)) { isProducerAwake = true }
                }
            case .close:
                guard isProducerAwake, toPut == 0, !hasClosed else { return false }
                hasClosed = true
                if lane.close() { wakeConsumer() }
            }
            return true
        }

        private mutating func wakeConsumer() {
            isConsumerAwake = true
            wakesOfConsumer += 1
        }
    }

    @Test("no wake-up is lost in any order of put, collect, take and close", arguments: 1...4, 1...6)
    func noWakeUpIsLost(limit: Int, messages: Int) {
        var finished = 0
        var pending = [World(toPut: messages, limit: limit)]
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

    /// Goes through everything that can happen, once for each moment that can be reached.
    private func explore(_ start: some LaneWorld) {
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
    private static let loads: [LaneLoad] =
        (1...4).flatMap { limit in
            (1...5).map { LaneLoad(sizes: Array(repeating: 1, count: $0), limit: limit, byteLimit: nil) }
        }
        + [1, 2, 4].flatMap { byteLimit in
            [[1, 1, 1, 1], [1, 5, 1, 1], [5, 1, 5], [1, 1, 5, 1, 1]].map {
                LaneLoad(sizes: $0, limit: 3, byteLimit: byteLimit)
            }
        }
        // A window that is never full, whose bytes others wait for.
        + [[1, 1, 1, 1], [1, 5, 1, 1]].map { LaneLoad(sizes: $0, limit: 10, byteLimit: 100, sharesBudget: true) }

    @Test(
        "a link hears of room and its peer of messages, in any order of sending, asking, using and closing",
        arguments: loads
    )
    func links(load: LaneLoad) {
        explore(LinkWorld(load, asks: 2, mayLose: false))
    }

    @Test(
        "what a lost connection has not sent comes back, and nothing else",
        arguments: loads.filter { $0.sizes.count < 5 }
    )
    func lostConnections(load: LaneLoad) {
        explore(LinkWorld(load, asks: 1, mayLose: true))
    }

    @Test(
        "a relay that reads no more is told when it may, in any order of reading, taking and closing",
        arguments: loads
    )
    func relays(load: LaneLoad) {
        explore(RelayWorld(load))
    }

    @Test(
        "a consumer that follows a chunk misses nothing, in any order of filling, sealing, taking and closing",
        arguments: 1...6,
        0...3
    )
    func followedChunks(messages: Int, parcels: Int) {
        explore(FollowingWorld(messages: messages, parcels: parcels))
    }

    @Test("THR-02: a consumer is woken once for each time it has found nothing")
    func wakesOnEdges() {
        var lane = LaneState()
        let parcel = Parcel.messages(Run(Message()))
        expect(lane.put(parcel))
        expect(!lane.put(parcel))
        expect(lane.take(.empty).parcels.count == 2)
        // It is awake until it has found nothing.
        expect(!lane.put(parcel))
        expect(lane.take(.empty).parcels.count == 1)
        expect(lane.take(.empty).parcels.isEmpty)
        expect(lane.put(parcel))
    }
}

/// The macro captures its operands, which cannot be changed then.
private func expect(_ holds: Bool, _ location: SourceLocation = #_sourceLocation) {
    #expect(holds, sourceLocation: location)
}
