import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Messages of several frames, and of none, at the types whose messages have one.
@Suite(.hangLimit)
struct SingleFrameTests {
    private static let senders = MatrixType.all.filter {
        [.client, .server, .scatter, .channel, .peer, .radio].contains($0.type)
    }
    private static let receivers = MatrixType.all.filter {
        [.client, .server, .gather, .channel, .peer, .dish].contains($0.type)
    }

    @Test("TS-1, TS-2: sending the wrong number of frames is an error, and sends nothing", arguments: senders)
    func sending(type: MatrixType) throws {
        try withScene { scene in
            let (socket, partner) = try (type.socket(scene), type.partner.socket(scene))
            try scene.connect(partner, to: socket)
            if let radio = socket as? RadioSocket { try scene.wait(for: 1, membersOf: radio) }
            let sender = socket as! any ShareableSocket
            let first = socket.addressed("x")
            var wrong: [[Frame]] = [Array(first) + ["y"], Array(first) + ["y", "z"], ["a", "b", "c", "d"]]
            if first.count == 2 { wrong.append(["alone"]) }
            for message in wrong.map({ Message(frames: $0) }) {
                let errors = [
                    #expect(throws: ZMQError.self) { try sender.send(message) },
                    #expect(throws: ZMQError.self) { try handle(of: sender, sends: message) },
                ]
                for error in errors {
                    #expect(error?.code == .invalidArgument)
                    #expect(error?.message.contains("has \(first.count == 1 ? "one frame" : "two frames, ")") == true)
                    #expect(error?.message.hasSuffix("this one has \(message.count)") == true)
                }
            }
            if let addressing = sender as? any AddressingSocket {
                let error = #expect(throws: ZMQError.self) { try addressing.send(["x", "y"], to: first[0]) }
                #expect(error?.code == .invalidArgument)
            }
            #expect(socket.statistics.messagesSent == 0 && socket.statistics.messagesDropped == 0)
            #expect(try sender.send(first) == .accepted)
            #expect(try scene.receive(partner as! any ReceivingSocket).last == "x")
        }
    }

    private func handle<S: ShareableSocket>(of socket: S, sends message: Message) throws -> SendResult {
        try socket.handle.send(message)
    }

    @Test(
        "TS-3, TS-4: a peer that sends more frames is disconnected, and they are not delivered",
        arguments: receivers,
        [0, 1]
    )
    func receiving(type: MatrixType, ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let socket = try type.socket(scene)
            var reasons: [EventReason] = []
            socket.onEvent = { if $1.isDisconnect, let reason = $1.reason { reasons.append(reason) } }
            let peer = try scene.rawPeer(type.partner.type.rawValue, of: socket)
            let isDish = socket is DishSocket
            let whole = isDish ? Wire.message("g", "whole") : Wire.message("whole")
            peer.send(whole + (isDish ? Wire.message("g", "h", "i") : Wire.message("g", "h")) + whole)
            try scene.waitForEnd(of: peer)
            try scene.wait("the event") { !reasons.isEmpty }
            #expect(
                reasons.map(\.message) == [
                    "a message from the peer exceeds the limit of \(isDish ? "2 frames" : "1 frame")"
                ]
            )
            let receiver = socket as! any ReceivingSocket
            #expect(try scene.receive(receiver).last == "whole")
            #expect(try receiver.tryReceive() == nil)
            // Others are not affected.
            let other = try type.partner.socket(scene)
            try scene.connect(other, to: socket)
            if let radio = other as? RadioSocket { try scene.wait(for: 1, membersOf: radio) }
            #expect(try (other as! any SendingSocket).send(other.addressed("whole")) == .accepted)
            #expect(try scene.receive(receiver).last == "whole")
        }
    }

    @Test("TS-3: a frame that says that others follow, and then nothing, is not delivered", arguments: receivers)
    func cutOff(type: MatrixType) throws {
        try withTimedScene { scene in
            let socket = try type.socket(scene)
            let peer = try scene.rawPeer(type.partner.type.rawValue, of: socket)
            peer.send(Wire.frame(flags: 1, Array("g".utf8)))
            scene.settle()
            peer.reset()
            try scene.wait("the end") { socket.peerCount == 0 }
            #expect(try (socket as! any ReceivingSocket).tryReceive() == nil)
        }
    }
}
