import Glibc
import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Messages that arrived before the peer disconnected are delivered, whether a read or a write detects it first.
@Suite(.hangLimit)
struct FailedWriteTests {
    private static let count = 1500

    private static let receivers = MatrixType.all.filter { $0.type.traits.contains(.receives) && $0.type != .req }

    /// A number of messages, behind a PING whose reply cannot be written.
    private static func flood(for type: SocketType) -> [UInt8] {
        var bytes = Wire.command("PING", [0, 0])
        for number in 0..<count {
            switch type {
            case .rep: bytes += Wire.message([], body(number))
            case .dish: bytes += Wire.message(Array("g".utf8), body(number))
            default: bytes += Wire.message(body(number))
            }
        }
        return bytes
    }

    /// Messages that an XPUB does not take for subscriptions.
    private static func body(_ number: Int) -> [UInt8] {
        NumberedMessage(stream: 0x7F00_0000, number: number).bytes(size: 92)
    }

    private func socket(_ type: MatrixType, _ scene: Scene, _ change: Scene.Change) throws -> Socket {
        let options = Scene.options {
            // All of the flood has arrived before it is read.
            ($0.receiveBuffer, $0.receiveHighWaterMark, $0.linger) = (1 << 20, 0, .none)
            change(&$0)
        }
        return scene.track(try type.make(scene.reactor, scene.context, options))
    }

    /// Sends everything and resets the connection when the other side's operating system has it.
    private func floodAndReset(_ peer: RawPeer, _ bytes: [UInt8], overNetwork: Bool = true) throws {
        #expect(peer.send(bytes) == bytes.count)
        if overNetwork { try waitUntil("all to be acknowledged") { peer.unacknowledged == 0 } }
        peer.reset()
    }

    /// Waits until the operating system knows that the connection of a socket has been reset.
    private func waitForReset(of socket: Socket) throws {
        let connection = try #require(socket.connectors.first?.link as? StreamConnection)
        var state = pollfd(fd: connection.stream.descriptor, events: 0, revents: 0)
        try waitUntil("the reset to arrive") { poll(&state, 1, 0) == 1 && Int32(state.revents) & POLLERR != 0 }
    }

    /// The numbers of the messages that can be received now.
    private func take(_ socket: Socket, into numbers: inout [Int]) throws {
        while let message = try (socket as! any ReceivingSocket).tryReceive() {
            numbers.append(try #require(NumberedMessage(message.last)).number)
            if let rep = socket as? RepSocket { try rep.send("the peer is gone") }
        }
    }

    @Test("everything is delivered when a write fails first", arguments: receivers, [0, 1])
    func writeFails(type: MatrixType, ioThreads: Int) throws {
        for road in [Road.tcp, .ipc] {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let socket = try socket(type, scene) { _ in }
                try socket.bind(road.endpoint)
                let peer = try scene.rawPeer(type.partner.type.rawValue, of: socket)
                try floodAndReset(peer, Self.flood(for: type.type), overNetwork: road == .tcp)
                try scene.wait("the end") { socket.peerCount == 0 }
                var numbers: [Int] = []
                try take(socket, into: &numbers)
                #expect(numbers == Array(0..<Self.count))
            }
        }
    }

    @Test("messages without room wait until the application has room, without polling", arguments: receivers, [0, 1])
    func heldBack(type: MatrixType, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let socket = try socket(type, scene) { $0.receiveHighWaterMark = 10 }
            let peer = try scene.rawPeer(type.partner.type.rawValue, of: socket)
            try floodAndReset(peer, Self.flood(for: type.type))
            scene.settle()
            // Nothing is left to do before some is received.
            let waits = scene.reactor.waits
            scene.settle(.milliseconds(50))
            #expect(scene.reactor.waits - waits < 5)
            #expect(socket.peerCount == 1)
            var numbers: [Int] = []
            try scene.wait("all") {
                try take(socket, into: &numbers)
                return numbers.count >= Self.count
            }
            #expect(numbers == Array(0..<Self.count))
            try scene.wait("the end") { socket.peerCount == 0 }
        }
    }

    @Test(
        "a socket may be closed meanwhile, with and without linger",
        arguments: [SocketOptions.Linger.none, .untilSent],
        [0, 1]
    )
    func closing(linger: SocketOptions.Linger, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let dealer = try scene.dealer {
                ($0.receiveHighWaterMark, $0.receiveBuffer, $0.linger) = (10, 1 << 20, linger)
            }
            let peer = try scene.rawPeer("DEALER", of: dealer)
            try floodAndReset(peer, Self.flood(for: .dealer))
            try scene.wait("messages") { dealer.statistics.messagesReceived == 10 }
            // Nothing is accepted for a peer that is known to be gone.
            let result = try dealer.send("lost")
            if ioThreads == 0 { #expect(result == .wouldBlock) }
            scene.settle()
            try scene.close(dealer)
        }
    }

    @Test("messages queued for an endpoint are sent on the next connection", arguments: [0, 1])
    func persistentPipe(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let server = try RawListener()
            let dealer = try scene.dealer { $0.receiveBuffer = 1 << 20 }
            try dealer.connect(server.endpoint)
            let first = try server.accept(scene.reactor)
            first.shakeHands(as: "DEALER")
            try scene.wait("the handshake") { dealer.peerCount == 1 }
            try floodAndReset(first, Self.flood(for: .dealer))
            // What the operating system accepts before the reset arrives goes to the first peer.
            if ioThreads == 0 { try waitForReset(of: dealer) }
            #expect(try dealer.send("kept") == .accepted)
            var numbers: [Int] = []
            var second: RawPeer?
            try scene.wait("the next connection") {
                try take(dealer, into: &numbers)
                second = second ?? server.accept()
                return second != nil
            }
            second!.shakeHands(as: "DEALER")
            try scene.wait("the message") {
                try take(dealer, into: &numbers)
                return second!.hasReceived(Wire.message("kept")) && numbers.count >= Self.count
            }
            #expect(numbers == Array(0..<Self.count))
        }
    }

    @Test(
        "a peer that sends everything at once and disconnects is received, whatever its version",
        arguments: ["1.0", "2.0", "3.1"],
        [0, 1]
    )
    func atOnce(version: String, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let pull = try scene.pull { $0.receiveHighWaterMark = 3 }
            let peer = try RawPeer(pull.bind(anyPort))
            let texts = (0..<20).map { "\($0)" }
            let bytes =
                switch version {
                case "1.0": Wire.anonymous1 + texts.flatMap { Wire.message1($0) }
                case "2.0": Wire.greeting2(type: 8) + texts.flatMap { Wire.message($0) }
                default: Wire.greeting() + Wire.ready("PUSH") + texts.flatMap { Wire.message($0) }
                }
            try floodAndReset(peer, bytes)
            #expect(try scene.receive(20, pull) == texts)
            try scene.wait("the end") { pull.peerCount == 0 && pull.connections.isEmpty }
        }
    }

    @Test("an older peer's messages are delivered when a write fails first", arguments: ["1.0", "2.0"])
    func legacyPeer(version: String) throws {
        try withScene { scene in
            let dealer = try scene.dealer { ($0.receiveBuffer, $0.receiveHighWaterMark) = (1 << 20, 0) }
            let peer = try RawPeer(dealer.bind(anyPort))
            peer.send(version == "1.0" ? Wire.anonymous1 : Wire.greeting2(type: 5))
            try scene.wait("the handshake") { dealer.peerCount == 1 }
            let bodies = (0..<Self.count).map(Self.body)
            try floodAndReset(
                peer,
                bodies.flatMap { version == "1.0" ? Wire.message1($0) : Wire.message($0) }
            )
            #expect(try dealer.send("into the void") == .accepted)
            try scene.wait("the end") { dealer.peerCount == 0 }
            var numbers: [Int] = []
            try take(dealer, into: &numbers)
            #expect(numbers == Array(0..<Self.count))
        }
    }

    @Test("STREAM: all bytes of a peer that is gone are delivered, and its notice last", arguments: [10, 1], [0, 1])
    func stream(limit: Int, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let options = Scene.options { ($0.receiveBuffer, $0.receiveHighWaterMark) = (1 << 20, limit) }
            let stream = scene.track(try StreamSocket(on: scene.reactor, in: scene.context, options: options))
            let peer = try RawPeer(stream.bind(anyPort))
            let id = try scene.receive(stream)[0]
            let bytes = Pattern.bytes(200_000)
            try floodAndReset(peer, bytes)
            for _ in 0..<2 { #expect(try stream.send("into the void", to: id) == .accepted) }
            scene.settle()
            var received: [UInt8] = []
            while true {
                let message = try scene.receive(stream)
                #expect(message[0] == id)
                if message[1].isEmpty { break }
                received += Array(message[1])
            }
            #expect(received == bytes)
            #expect(stream.statistics.messagesSent + stream.statistics.messagesDropped == 2)
        }
    }

    @Test("complete messages before a protocol error are delivered", arguments: [0, 1, 1000], [0, 1])
    func brokenProtocol(limit: Int, ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let pull = try scene.pull { $0.receiveHighWaterMark = limit }
            var reasons: [EventReason] = []
            pull.onEvent = { if let reason = $1.reason { reasons.append(reason) } }
            let peer = try scene.rawPeer("PUSH", of: pull)
            let texts = (0..<50).map { "\($0)" }
            peer.send(texts.flatMap { Wire.message($0) } + [0xFF])
            scene.settle()
            #expect(try scene.receive(50, pull) == texts)
            try scene.wait("the end") { pull.peerCount == 0 }
            #expect(reasons.map(\.kind) == [.protocolError])
        }
    }
}
