import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A peer of a REP is lost, and another one is found at the endpoint: replies do not reach it.
@Suite(.hangLimit)
struct StrangerReplyTests {
    @Test(
        "REP-10, REP-11: a reply goes to the peer that sent the request, and not to its replacement",
        arguments: [0, 1],
        [nil, "A"]
    )
    func replies(ioThreads: Int, name: String?) throws {
        try withChangingPeer(ioThreads) { scene, place in
            var replies: [Reply] = []
            let rep = try scene.rep { replies.append($2) }
            try rep.connect(place.endpoint)
            let first = try place.peer("REQ", name, of: rep)
            first.send(Wire.message([], bytes("question")))
            try scene.wait("the question") { replies.count == 1 }
            try place.lose(first, of: rep)
            let second = try place.peer("REQ", "B", of: rep)
            replies[0].send("for the first")
            try second.receiveNothing(scene)
            #expect(rep.statistics.dropped[.peerGone] == 1)
            second.send(Wire.message([], bytes("another")))
            try scene.wait("the question") { replies.count == 2 }
            replies[1].send("2")
            #expect(try second.receive(5, scene) == Wire.message([], bytes("2")))
        }
    }

    @Test("REP-11: a reply queued for a lost peer is dropped when another one connects", arguments: [0, 1])
    func queuedReply(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
            var replies: [Reply] = []
            let rep = try scene.rep { replies.append($2) }
            try rep.connect(place.endpoint)
            let first = try place.peer("REQ", "A", of: rep)
            first.send(Wire.message([], bytes("question")))
            try scene.wait("the question") { replies.count == 1 }
            try place.lose(first, of: rep)
            replies[0].send("for A")
            #expect(rep.messagesQueued == 1)
            let second = try place.peer("REQ", "B", of: rep)
            try second.receiveNothing(scene)
            #expect(rep.statistics.dropped[.peerGone] == 1 && rep.messagesQueued == 0)
        }
    }

    @Test("REP-10: a peer that returns with its id gets its reply", arguments: [0, 1])
    func replyAfterReturn(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
            var replies: [Reply] = []
            let rep = try scene.rep { replies.append($2) }
            try rep.connect(place.endpoint)
            let first = try place.peer("REQ", "A", of: rep)
            first.send(Wire.message([], bytes("question")))
            try scene.wait("the question") { replies.count == 1 }
            try place.lose(first, of: rep)
            let second = try place.peer("REQ", "A", of: rep)
            replies[0].send("2")
            #expect(try second.receive(5, scene) == Wire.message([], bytes("2")))
        }
    }

    @Test("REP-10: a request that is queued when its peer is lost is not answered to another peer", arguments: [0, 1])
    func waitingQuestion(ioThreads: Int) throws {
        try withChangingPeer(ioThreads) { scene, place in
            let rep = try scene.rep()
            try rep.connect(place.endpoint)
            let first = try place.peer("REQ", of: rep)
            first.send(Wire.message([], bytes("question")))
            try scene.wait("the question") { rep.messagesWaiting == 1 }
            try place.lose(first, of: rep)
            let second = try place.peer("REQ", of: rep)
            #expect(try rep.tryReceive()?.string == "question")
            #expect(try rep.send("answer") == .accepted)
            try second.receiveNothing(scene)
            #expect(rep.statistics.dropped[.peerGone] == 1)
        }
    }
}
