import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Events of connections as a sequence.
@Suite(.hangLimit)
struct SocketEventsTests {
    @Test("a sequence has the events of the closure, from its creation to the end of the socket")
    func lifeOfAConnection() throws {
        try withScene { scene in
            let (pull, push, records) = (try scene.pull(), try scene.push(), Recorder())
            var told: [String] = []
            push.onEvent = { told.append($1.name) }
            let (events, idle) = (push.events, push.events)
            scene.task(records) { _ in
                for await event in events { records.add(event.name) }
                records.add("end")
            }
            try scene.connect(push, to: pull)
            try scene.wait(for: 2, entriesOf: records)
            push.close()
            try scene.run(until: { records.texts.last == "end" })
            #expect(records.texts == ["connected", "handshake-succeeded", "disconnected", "closed", "end"])
            #expect(records.texts.dropLast() == told[...])
            // A sequence that has not been read still has all events.
            records.clear()
            scene.task(records) { _ in for await event in idle { records.add(event.name) } }
            try scene.wait(for: 4, entriesOf: records)
            #expect(records.texts == told)
        }
    }

    @Test("a slow loop misses the oldest events, and can read how many")
    func bounded() throws {
        try withScene { scene in
            let (pull, records) = (try scene.pull(), Recorder())
            let events = pull.events
            for number in 0..<EventBuffer.limit + 10 { pull.observer.record(.reported(.closed(endpoint: "\(number)"))) }
            #expect(events.missed == 10)
            let task = scene.task(records) { _ in for await event in events { records.add(event.endpoint) } }
            try scene.wait(for: EventBuffer.limit, entriesOf: records)
            #expect(records.texts.first == "10")
            task.cancel()
            scene.turn()
        }
    }

    @Test("a released sequence costs nothing")
    func released() throws {
        try withScene { scene in
            let pull = try scene.pull()
            for _ in 0..<10 { _ = pull.events }
            _ = pull.events
            #expect(pull.observer.receivers.count <= 1)
        }
    }
}
