import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Events of connections as a sequence.
@Suite(.hangLimit)
struct SocketEventsTests {
    @Test("a sequence has the events of the closure, from its creation to the end of the socket")
    func lifeOfAConnection() throws {
        try withScene { scene in
            let (pull, push, diary) = (try scene.pull(), try scene.push(), Diary())
            var told: [String] = []
            push.onEvent = { told.append($1.name) }
            let (events, idle) = (push.events, push.events)
            scene.task(diary) { _ in
                for await event in events { diary.add(event.name) }
                diary.add("end")
            }
            try scene.connect(push, to: pull)
            try scene.wait(for: 2, entriesOf: diary)
            push.close()
            try scene.run(until: { diary.entries.last == "end" })
            #expect(diary.entries == ["connected", "handshake-succeeded", "disconnected", "closed", "end"])
            #expect(diary.entries.dropLast() == told[...])
            // A sequence that has not been read still has all events.
            diary.clear()
            scene.task(diary) { _ in for await event in idle { diary.add(event.name) } }
            try scene.wait(for: 4, entriesOf: diary)
            #expect(diary.entries == told)
        }
    }

    @Test("a slow loop misses the oldest events, and can read how many")
    func bounded() throws {
        try withScene { scene in
            let (pull, diary) = (try scene.pull(), Diary())
            let events = pull.events
            for number in 0..<EventBuffer.limit + 10 { pull.observer.record(.reported(.closed(endpoint: "\(number)"))) }
            #expect(events.missed == 10)
            let task = scene.task(diary) { _ in for await event in events { diary.add(event.endpoint) } }
            try scene.wait(for: EventBuffer.limit, entriesOf: diary)
            #expect(diary.entries.first == "10")
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
