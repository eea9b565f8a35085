import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// The guide's Missing Message Problem Solver: each cause, its symptoms here, and its cure.
@Suite(.hangLimit)
struct MissingMessagesTests {
    @Test("MMP-01: a SUB receives nothing until it subscribes, and everything with the empty subscription")
    func noSubscription() throws {
        try withTimedScene { scene in
            let (pub, sub) = try (scene.pub(), scene.sub())
            try scene.connect(sub, to: pub)
            try pub.send("A lost")
            #expect(try scene.receiveAll(sub) == [])
            try sub.subscribe(to: "")
            try scene.wait(for: 1, subscribersOf: pub)
            try pub.send("A")
            try pub.send("B")
            #expect(try scene.receive(2, sub) == ["A", "B"])
        }
    }

    @Test("MMP-02: a late SUB misses earlier messages; a publisher that waits for it loses nothing")
    func lateSubscriber() throws {
        try withTimedScene { scene in
            let (pub, sub) = try (scene.pub(), scene.sub(to: ""))
            let endpoint = try scene.endpoint(of: pub)
            for number in 0..<10 { try pub.send("early \(number)") }
            try sub.connect(endpoint)
            var isReady = false
            pub.waitForSubscribers { _ in isReady = true }
            try scene.wait("the subscriber") { isReady }
            for number in 0..<10 { try pub.send("\(number)") }
            #expect(try scene.receive(10, sub) == (0..<10).map { "\($0)" })
            #expect(try scene.receiveAll(sub) == [])
        }
    }

    @Test("MMP-03: subscribers first: when the publisher has waited for them, each receives its first message")
    func subscribersFirst() throws {
        try withTimedScene { scene in
            let endpoint = try scene.freshEndpoint()
            let subs = try (0..<3).map { _ in try scene.sub(to: "") }
            for sub in subs { try sub.connect(endpoint) }
            scene.settle()
            let pub = try scene.pub()
            try pub.bind(endpoint)
            try scene.wait(for: 3, subscribersOf: pub)
            for number in 0..<100 { try pub.send("\(number)") }
            for sub in subs { #expect(try scene.receive(100, sub) == (0..<100).map { "\($0)" }) }
        }
    }

    @Test("MMP-04: a bound SUB receives from a connecting PUB from its first message on")
    func subscriberBinds() throws {
        try withScene { scene in
            let (pub, sub) = try (scene.pub(), scene.sub(to: ""))
            try pub.connect(sub.bind(anyPort))
            try scene.wait(for: 1, subscribersOf: pub)
            for number in 0..<100 { try pub.send("\(number)") }
            #expect(try scene.receive(100, sub) == (0..<100).map { "\($0)" })
        }
    }

    @Test("MMP-05: REQ and REP out of turn get an error, and continue as before")
    func outOfOrder() throws {
        try withScene { scene in
            let (req, rep) = try (scene.req(), scene.rep())
            try scene.connect(req, to: rep)
            func expectWrongState(_ body: () throws -> Void) {
                let error = #expect(throws: ZMQError.self) { try body() }
                #expect(error?.code == .wrongState)
            }
            expectWrongState { _ = try req.tryReceive() }
            expectWrongState { _ = try rep.send("an answer to nothing") }
            #expect(try req.send("question") == .accepted)
            expectWrongState { _ = try req.send("another") }
            #expect(try scene.receive(rep) == "question")
            expectWrongState { _ = try rep.tryReceive() }
            #expect(try rep.send("answer") == .accepted)
            #expect(try scene.receive(req) == "answer")
        }
    }

    @Test("MMP-06: the first PULL to connect gets the whole batch; it is shared when all are awaited first")
    func unfairShare() throws {
        try withTimedScene { scene in
            let push = try scene.push()
            let (first, second) = try (scene.pull(), scene.pull())
            try scene.connect(first, to: push)
            for number in 0..<100 { #expect(try push.send("\(number)") == .accepted) }
            try scene.connect(second, to: push)
            #expect(try scene.receive(100, first).count == 100)
            #expect(try scene.receiveAll(second) == [])
            // Both are connected now.
            for number in 0..<100 { #expect(try push.send("\(number)") == .accepted) }
            #expect(try scene.receive(50, first).count == 50)
            #expect(try scene.receive(50, second).count == 50)
        }
    }

    @Test("MMP-06: a worker that takes one task at a time gets as many as it can do, however many are queued")
    func oneAtATime() throws {
        try withScene { scene in
            var taken = [0, 0]
            let push = try scene.push { $0.sendHighWaterMark = 1 }
            let pulls = try (0..<2).map { number in
                try scene.pull({ $0.receiveHighWaterMark = 1 }) { pull, _ in
                    taken[number] += 1
                    pull.pause()
                }
            }
            for pull in pulls { try scene.connect(pull, to: push) }
            // The second is slow: it never asks for more. It gets a few in advance, and the first does the rest.
            let task = Message(Pattern.bytes(60_000))
            var sent = 0
            try scene.wait("100 tasks to be done") {
                while sent < 400, try push.send(task) == .accepted { sent += 1 }
                pulls[0].resume()
                return taken[0] >= 100
            }
            #expect(taken[1] == 1)
        }
    }

    @Test("MMP-10: the same inproc name in two contexts is two names")
    func twoContexts() throws {
        try withTimedScene { scene in
            let endpoint = Unique.inprocEndpoint()
            let pull = try scene.pull()
            try pull.bind(endpoint)
            let stranger = try PushSocket(
                on: scene.reactor,
                in: Context.ofTests(),
                options: Scene.options { $0.linger = .none }
            )
            try stranger.connect(endpoint)
            #expect(try stranger.send("from elsewhere") == .accepted)
            let push = try scene.push()
            try push.connect(endpoint)
            #expect(try push.send("from here") == .accepted)
            #expect(try scene.receive(pull) == "from here")
            #expect(try scene.receiveAll(pull) == [])
            #expect(stranger.peerCount == 0 && stranger.messagesQueued == 1)
            #expect(try scene.close(stranger).unsentMessages == 1)
        }
    }
}
