import Glibc
import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// A connection over memory: how its bytes are cut up, when they stop and when it breaks is up to the test.
@Suite(.hangLimit)
struct StreamConnectionTests {
    private static let handshake = Wire.greeting() + Wire.ready("PUSH")

    @Test("handshake and messages arrive however they are cut up", arguments: [1, 2, 3, 7, 64, 65_536])
    func cutUp(size: Int) throws {
        try withMemoryPeer(of: { try $0.pull { $0.acceptsLegacyPeers = false } }) { (pull, peer) throws in
            let large = Pattern.bytes(20_000)
            let bytes = Self.handshake + Wire.message("a") + Wire.longFrame(large) + Wire.message("b")
            peer.near.incoming.readSizes = Array(repeating: size, count: bytes.count / size + 1)
            peer.near.outgoing.writeSizes = Array(repeating: size, count: 200)
            peer.far.send(bytes)
            peer.turn(bytes.count / size * 2 + 20)
            #expect(peer.received == Wire.greeting() + Wire.ready("PULL"))
            #expect(peer.handshakes.map(\.socketType) == [.push])
            #expect(peer.connection.state == .open)
            #expect(try pull.tryReceive() == "a")
            #expect(try pull.tryReceive() == Message(large))
            #expect(try pull.tryReceive() == "b")
        }
    }

    @Test("messages leave whole through a stream that takes few bytes at a time", arguments: [1, 5, 1000])
    func leaving(size: Int) throws {
        try withMemoryPeer(of: { try $0.push() }) { (push, peer) throws in
            peer.shakeHands(as: "PULL")
            peer.forgetReceived()
            let large = Pattern.bytes(10_000)
            peer.near.outgoing.writeSizes = Array(repeating: size, count: 20_000)
            #expect(try push.send("hello") == .accepted)
            #expect(try push.send(Message(large)) == .accepted)
            #expect(try push.send("world") == .accepted)
            let expected = Wire.message("hello") + Wire.longFrame(large) + Wire.message("world")
            peer.turn(expected.count / size * 2 + 20)
            #expect(peer.received == expected)
            #expect(push.statistics.messagesSent == 3)
        }
    }

    @Test("a peer that takes nothing is waited for, and gets everything when it takes it")
    func stalled() throws {
        try withMemoryPeer(of: { try $0.push() }, capacity: 4096) { (push, peer) throws in
            peer.shakeHands(as: "PULL")
            peer.forgetReceived()
            peer.far.incoming.isStalled = true
            let body = Pattern.bytes(50_000)
            #expect(try push.send(Message(body)) == .accepted)
            for _ in 0..<20 { peer.reactor.run(.nowait) }
            #expect(peer.connection.flags.contains(.waitsForWritability))
            #expect(peer.connection.bytesAcknowledged == peer.connection.bytesSent - 4096)
            peer.far.incoming.isStalled = false
            for _ in 0..<20 { peer.turn() }
            #expect(peer.received == Wire.longFrame(body))
            #expect(!peer.connection.flags.contains(.waitsForWritability))
        }
    }

    @Test("a connection that breaks ends with the reason, whatever it was doing", arguments: [0, 10, 64, 90, 91, 95])
    func reset(after count: Int) throws {
        try withMemoryPeer(of: { try $0.pull() }) { (pull, peer) throws in
            peer.far.send(Array((Self.handshake + Wire.message("hello")).prefix(count)))
            peer.turn()
            peer.breakConnection()
            peer.turn()
            #expect(peer.reason?.kind == .system(ECONNRESET))
            #expect(peer.connection.state == .closed)
            #expect(pull.peerCount == 0)
        }
    }

    @Test("so does one whose peer closes", arguments: [0, 10, 64, 90, 91, 95])
    func closed(after count: Int) throws {
        try withMemoryPeer(of: { try $0.pull() }) { (pull, peer) throws in
            peer.far.send(Array((Self.handshake + Wire.message("hello")).prefix(count)))
            peer.turn()
            peer.far.close()
            peer.turn()
            #expect(peer.reason?.kind == .peerClosed)
            #expect(peer.connection.state == .closed)
        }
    }

    @Test("what came before a write fails is delivered", arguments: [false, true])
    func failedWrite(isRaw: Bool) throws {
        func check(_ socket: some ReceivingSocket, _ peer: MemoryPeer, send: () throws -> Void) throws {
            peer.far.send(isRaw ? Array("hello".utf8) : Wire.message("hello"))
            // Nothing that is written arrives any more.
            peer.far.shutdown(CInt(SHUT_RD))
            try send()
            peer.turn()
            #expect(peer.reason?.kind == .system(EPIPE))
            var texts: [String] = []
            while let message = try socket.tryReceive() { texts.append(message[message.count - 1].string) }
            #expect(texts.contains("hello"))
        }
        if isRaw {
            try withMemoryPeer(of: { try $0.stream() }) {
                (socket, peer) throws in
                peer.turn()
                let id = try #require(try socket.tryReceive())[0]
                try check(socket, peer) { _ = try socket.send("x", to: id) }
            }
        } else {
            try withMemoryPeer(of: { $0.track(try DealerSocket(on: $0.reactor, in: $0.context)) }) {
                (socket, peer) throws in
                peer.shakeHands(as: "DEALER")
                try check(socket, peer) { _ = try socket.send("x") }
            }
        }
    }

    @Test("a handshake has its time, and not a moment less or more", arguments: [0, 5, 64, 80])
    func handshakeTime(sent: Int) throws {
        try withMemoryPeer(of: { try $0.pull { $0.handshakeInterval = .seconds(2) } }) { (pull, peer) throws in
            peer.far.send(Array(Self.handshake.prefix(sent)))
            peer.turn()
            peer.pass(.milliseconds(1990))
            #expect(peer.reason == nil)
            peer.pass(.milliseconds(20))
            #expect(peer.reason?.kind == .handshakeTimeout)
        }
    }

    @Test("a silent peer is asked, and its connection ends when it does not answer")
    func heartbeat() throws {
        try withMemoryPeer(of: { try $0.pull { $0.heartbeatInterval = .seconds(1) } }) { (pull, peer) throws in
            peer.shakeHands(as: "PUSH")
            peer.forgetReceived()
            peer.pass(.milliseconds(1010))
            peer.turn()
            #expect(peer.received == Wire.command("PING", [0, 0]))
            peer.far.send(Wire.command("PONG", []))
            peer.turn()
            peer.pass(.milliseconds(900))
            #expect(peer.reason == nil)
            peer.pass(.milliseconds(1200))
            #expect(peer.reason?.kind == .heartbeatTimeout)
        }
    }

    @Test("what waits to leave has its time", arguments: [false, true])
    func writeTimeout(isRaw: Bool) throws {
        func check(_ peer: MemoryPeer, send: () throws -> Void) throws {
            peer.far.incoming.isStalled = true
            try send()
            peer.pass(.milliseconds(2900))
            #expect(peer.reason == nil)
            peer.pass(.milliseconds(200))
            #expect(peer.reason?.kind == .writeTimeout)
        }
        let body = Pattern.bytes(10_000)
        let options = Scene.options { $0.writeTimeout = .seconds(3) }
        if isRaw {
            try withMemoryPeer(
                of: { $0.track(try StreamSocket(on: $0.reactor, in: $0.context, options: options)) },
                capacity: 4096
            ) { (socket, peer) throws in
                peer.turn()
                let id = try #require(try socket.tryReceive())[0]
                try check(peer) { _ = try socket.send(body, to: id) }
            }
        } else {
            try withMemoryPeer(
                of: { try $0.push { $0.writeTimeout = .seconds(3) } },
                capacity: 4096
            ) { (push, peer) throws in
                peer.shakeHands(as: "PULL")
                try check(peer) { _ = try push.send(Message(body)) }
            }
        }
    }

    @Test("a connection that drains ends when everything has been acknowledged")
    func draining() throws {
        try withMemoryPeer(of: { try $0.push() }) { (push, peer) throws in
            peer.shakeHands(as: "PULL")
            peer.forgetReceived()
            peer.far.incoming.isStalled = true
            #expect(try push.send("last") == .accepted)
            peer.connection.close(afterSending: true)
            #expect(peer.connection.state == .draining)
            peer.pass(.seconds(2))
            #expect(peer.connection.flags.contains(.awaitsAcknowledgement))
            #expect(peer.reason == nil && !peer.far.hasEnded)
            // What the peer says meanwhile is of no interest.
            peer.far.send(Wire.command("PING", [0, 0]))
            peer.far.incoming.isStalled = false
            peer.pass(.seconds(2))
            #expect(peer.reason?.kind == .closed)
            #expect(peer.far.takeAll() == Wire.message("last"))
            #expect(peer.far.hasEnded)
        }
    }

    @Test("a raw peer that has half-closed is sent what is queued")
    func halfClosed() throws {
        try withMemoryPeer(of: { try $0.stream() }) {
            (socket, peer) throws in
            peer.turn()
            let id = try #require(try socket.tryReceive())[0]
            let answer = Pattern.bytes(300_000)
            peer.far.send(Array("GET".utf8))
            peer.far.shutdown(CInt(SHUT_WR))
            #expect(try socket.send(answer, to: id) == .accepted)
            for _ in 0..<20 { peer.turn() }
            #expect(peer.received == answer)
            #expect(peer.reason?.kind == .peerClosed)
            var messages: [String] = []
            while let message = try socket.tryReceive() { messages.append(message[1].string) }
            #expect(messages == ["GET", ""])
        }
    }

    @Test("one that has half-closed and takes nothing is given up after the linger", arguments: [1, 5])
    func halfClosedAndSilent(linger: Int) throws {
        let options = Scene.options { $0.linger = .atMost(.seconds(linger)) }
        try withMemoryPeer(
            of: { $0.track(try StreamSocket(on: $0.reactor, in: $0.context, options: options)) },
            capacity: 4096
        ) { (socket, peer) throws in
            peer.turn()
            let id = try #require(try socket.tryReceive())[0]
            peer.far.incoming.isStalled = true
            #expect(try socket.send(Pattern.bytes(10_000), to: id) == .accepted)
            peer.pass(.milliseconds(10))
            peer.far.shutdown(CInt(SHUT_WR))
            peer.pass(.seconds(linger) - .milliseconds(50))
            #expect(peer.reason == nil)
            peer.pass(.milliseconds(100))
            #expect(peer.reason?.kind == .peerClosed)
            #expect(socket.statistics.messagesDropped == 1)
        }
    }

    @Test("whatever a peer sends and however, the connection goes on or ends", arguments: 0..<200)
    func garbage(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let types: [(Scene) throws -> Socket] = [
            { try $0.pull() }, { try $0.sub() }, { $0.track(try XPubSocket(on: $0.reactor, in: $0.context)) },
            { $0.track(try RouterSocket(on: $0.reactor, in: $0.context)) },
            { try $0.stream() },
        ]
        let make = types[random.below(types.count)]
        try withMemoryPeer(of: { try make($0) }) { (socket, peer) throws in
            let starts: [[UInt8]] = [
                [], Wire.greeting(), Self.handshake, Wire.greeting() + Wire.ready("DEALER"),
                Wire.greeting() + Wire.ready("SUB"), Wire.greeting() + Wire.ready("PUB"), [1, 0],
            ]
            var bytes = starts[random.below(starts.count)]
            for _ in 0..<random.below(60) {
                // Small numbers make sense more often.
                bytes.append(UInt8(random.below(random.below(2) == 0 ? 8 : 256)))
            }
            peer.near.incoming.readSizes = (0..<random.below(40)).map { _ in 1 + random.below(9) }
            peer.far.send(bytes)
            peer.turn(50)
            switch random.below(3) {
            case 0: peer.far.close()
            case 1: peer.breakConnection()
            default: peer.far.shutdown(CInt(SHUT_WR))
            }
            peer.turn()
            #expect(peer.connection.state == .closed)
        }
    }
}
