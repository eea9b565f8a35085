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
                let used = lane.collect(waitsFor: max(limit / 2, 1))
                outstanding -= used
                isProducerAwake = used > 0
            case .take:
                guard isConsumerAwake else { return false }
                let (parcels, isClosed) = lane.take()
                isConsumerAwake = !parcels.isEmpty
                if isClosed { consumerSawClose = true }
                // The consumer reports each message by itself.
                for _ in parcels {
                    taken += 1
                    if lane.report(1) { isProducerAwake = true }
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

    @Test("THR-02: a consumer is woken once for each time it has found nothing")
    func wakesOnEdges() {
        var lane = LaneState()
        let parcel = Parcel.messages(Run(Message()))
        expect(lane.put(parcel))
        expect(!lane.put(parcel))
        expect(lane.take().parcels.count == 2)
        // It is awake until it has found nothing.
        expect(!lane.put(parcel))
        expect(lane.take().parcels.count == 1)
        expect(lane.take().parcels.isEmpty)
        expect(lane.put(parcel))
    }
}

/// The macro captures its operands, which cannot be changed then.
private func expect(_ holds: Bool, _ location: SourceLocation = #_sourceLocation) {
    #expect(holds, sourceLocation: location)
}
