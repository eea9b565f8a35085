import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite struct FrameByFrameTests {
    /// Every sending type, with the type of its peer.
    static let senders: [SocketType] = [.push, .pub, .xpub, .xsub, .pair]

    private func sender(_ type: SocketType, _ scene: Scene) throws -> (socket: Socket, peerType: String) {
        switch type {
        case .push: (try scene.push(), "PULL")
        case .pub: (try scene.pub(), "SUB")
        case .xpub: (try scene.xpub(), "SUB")
        case .xsub: (try scene.xsub(), "XPUB")
        default: (try scene.pair(), "PAIR")
        }
    }

    private func send(_ frame: Frame, more: Bool, with socket: Socket) throws {
        let socket = try #require(socket as? any SendingSocket)
        #expect(try socket.send(frame, more: more) == .accepted)
    }

    @Test(
        "MUL-03, MUL-08, MSG-19: frames wait for the last one; then all are sent with their flags",
        arguments: senders
    )
    func nothingBeforeTheLast(type: SocketType) throws {
        try withTimedScene { scene in
            let (socket, peerType) = try sender(type, scene)
            let peer = try scene.rawPeer(peerType, of: socket)
            if peerType == "SUB" { peer.subscribe("") }
            scene.settle()
            try send("a", more: true, with: socket)
            try send("", more: true, with: socket)
            #expect(scene.heard(peer) == [])
            try send("b", more: false, with: socket)
            #expect(scene.heard(peer) == [1, 1, 97, 1, 0, 0, 1, 98])
            try send("c", more: false, with: socket)
            #expect(scene.heard(peer) == [0, 1, 99])
        }
    }

    @Test("MUL-09, MSG-23: closing drops the frames of an unfinished message", arguments: senders)
    func closing(type: SocketType) throws {
        try withTimedScene { scene in
            let (socket, peerType) = try sender(type, scene)
            let peer = try scene.rawPeer(peerType, of: socket)
            if peerType == "SUB" { peer.subscribe("") }
            scene.settle()
            try send("whole", more: false, with: socket)
            try send("a", more: true, with: socket)
            let report = try scene.close(socket)
            #expect(report.unsentMessages == 0)
            #expect(scene.heard(peer) == [0, 5] + Array("whole".utf8))
            #expect(peer.isClosed)
            #expect(#expect(throws: ZMQError.self) { try send("b", more: false, with: socket) }?.code == .closed)
            #expect(#expect(throws: ZMQError.self) { try send("b", more: true, with: socket) }?.code == .closed)
        }
    }

    @Test("MUL-08: frames are kept while the last one would block, and whole messages are not affected")
    func blocked() throws {
        try withScene { scene in
            let push = try scene.push()
            #expect(try push.send("a", more: true) == .accepted)
            #expect(try push.send([98], more: false) == .wouldBlock)
            let pull = try scene.pull()
            try scene.connect(pull, to: push)
            #expect(try push.send("whole") == .accepted)
            #expect(try push.send([98], more: false) == .accepted)
            #expect(try scene.receive(2, pull) == ["whole", "a|b"])
        }
    }

    @Test("MUL-04, MUL-05, MUL-07: frames can be received one by one")
    func receiving() throws {
        try withTimedScene { scene in
            let (push, pull) = try (scene.push(), scene.pull())
            try scene.connect(push, to: pull)
            #expect(try pull.tryReceiveFrame() == nil)
            #expect(try push.send(["a", "", "b"]) == .accepted)
            #expect(try push.send("c") == .accepted)
            scene.settle()
            var frames: [String] = []
            while let (frame, more) = try pull.tryReceiveFrame() { frames.append(frame.string + (more ? "+" : ".")) }
            #expect(frames == ["a+", "+", "b.", "c."])
        }
    }

    @Test("ALL-3, MUL-04, MUL-05, MSG-23: part of a message is not delivered, and is dropped with its connection")
    func partOfAMessage() throws {
        try withTimedScene { scene in
            let pull = try scene.pull()
            let peer = try scene.rawPeer("PUSH", of: pull)
            peer.send([1, 1, 97, 1, 1, 98, 0, 5, 99])
            #expect(try scene.receiveAll(pull) == [])
            peer.hangUp()
            #expect(try scene.receiveAll(pull) == [])
            #expect(pull.statistics.messagesReceived == 0)
        }
    }

    @Test(
        "MUL-10, MSG-16, MSG-17: any message can be forwarded without parsing it",
        arguments: [1, 2, 3, 100, 1000]
    )
    func forwarding(count: Int) throws {
        try withScene { scene in
            let (push, out, pull) = try (scene.push(), scene.push(), scene.pull())
            let middle = try scene.pull { _, message in #expect(try! out.send(message) == .accepted) }
            try scene.connect(out, to: pull)
            try scene.connect(push, to: middle)
            let message = Message(frames: (0..<count).map { Frame(Pattern.bytes($0 % 7 == 0 ? 0 : $0 * 3, seed: $0)) })
            #expect(try push.send(message) == .accepted)
            #expect(try scene.receive(pull) == message)
        }
    }

    @Test("MUL-11: the mark counts messages, not frames")
    func markCountsMessages() throws {
        try withScene { scene in
            let push = try scene.push { $0.sendHighWaterMark = 2 }
            try push.connect(freeEndpoint())
            #expect(try push.fill(with: ["a", "b", "c"]) == 2)
        }
    }
}
