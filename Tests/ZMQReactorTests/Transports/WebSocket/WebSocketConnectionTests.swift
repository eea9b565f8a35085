import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// One WebSocket connection of a server, in virtual time, with a far end of bytes.
@Suite struct WebSocketConnectionTests {
    private static func codec(
        _ type: SocketType = .pull,
        _ change: (inout WebSocketSettings) -> Void = { _ in }
    ) -> WebSocketCodec {
        var settings = WebSocketSettings(.server, path: "/", socketType: type)
        change(&settings)
        return WebSocketCodec(server: settings)
    }

    private static let ready = WebSocketBytes.message(2, Array(Wire.ready("PUSH").dropFirst(2)))

    /// The frames that have come to the peer behind the answer to its request, of which it forgets everything.
    private func frames(_ peer: MemoryPeer) -> [(first: UInt8, payload: [UInt8])] {
        peer.turn()
        let text = String(decoding: peer.received, as: UTF8.self)
        var bytes = peer.received[...]
        if text.hasPrefix("HTTP/1.1 101"), let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
            bytes = bytes[end.upperBound...]
        }
        peer.forgetReceived()
        return WebSocketBytes.frames(in: Array(bytes)).frames
    }

    /// Runs a test with a PULL and a client that has completed both handshakes.
    private func withClient(
        _ change: @escaping Scene.Change = { _ in },
        capacity: Int = 1 << 16,
        _ body: (PullSocket, MemoryPeer, Recorder) throws -> Void
    ) throws {
        let inbox = Recorder()
        try withMemoryPeer(
            of: { try $0.pull(change) { inbox.add($1) } },
            capacity: capacity,
            codec: Self.codec()
        ) { pull, peer in
            peer.far.send(WebSocketBytes.request() + Self.ready)
            peer.turn()
            #expect(String(decoding: peer.received.prefix(12), as: UTF8.self) == "HTTP/1.1 101")
            #expect(peer.handshakes.map(\.socketType) == [.push])
            #expect(peer.handshakes.map(\.version) == [.v3_0])
            let ready = frames(peer)
            #expect(ready.map(\.first) == [0x82])
            #expect(Array(ready[0].payload.prefix(7)) == [2, 5] + Array("READY".utf8))
            defer { inbox.clear() }
            try body(pull, peer, inbox)
        }
    }

    @Test func messagesArriveHoweverTheyAreSplit() throws {
        try withClient { _, peer, inbox in
            let session =
                WebSocketBytes.message(1, [0x61]) + WebSocketBytes.frame(9, [1]) + WebSocketBytes.message(0, [0x62])
                + WebSocketBytes.frame(2, [0, 0x63], isFinal: false) + WebSocketBytes.frame(0, [0x64])
            peer.far.send(session)
            peer.turn()
            for byte in session {
                peer.far.send([byte])
                peer.turn(2)
            }
            #expect(inbox.texts == ["a|b", "cd", "a|b", "cd"])
            #expect(peer.reason == nil)
        }
    }

    @Test("WS-18: a socket that closes says so, and ends when that has left") func close() throws {
        try withClient { _, peer, _ in
            peer.connection.close(afterSending: true)
            #expect(frames(peer).map(\.payload) == [[3, 0xE8]])
        }
    }

    @Test("WS-18: the peer's Close is answered, and ends the connection") func closeOfPeer() throws {
        try withClient { _, peer, inbox in
            peer.far.send(WebSocketBytes.message(0, [0x61]) + WebSocketBytes.close(1000))
            #expect(frames(peer).map(\.first) == [0x88])
            #expect(inbox.texts == ["a"])
            #expect(peer.reason == .peerClosed)
        }
    }

    @Test("a peer that complains is quoted") func complaint() throws {
        try withClient { _, peer, _ in
            peer.far.send(WebSocketBytes.close(1011, "on fire"))
            peer.turn()
            #expect(peer.reason?.kind == .peerClosed)
            #expect(peer.reason?.message.contains("1011: on fire") == true)
        }
    }

    @Test("WS-11: what is malformed ends the connection behind what was not, with 1002 and a word") func malformed()
        throws
    {
        try withClient { _, peer, inbox in
            peer.far.send(WebSocketBytes.message(0, [0x61]) + WebSocketBytes.message(0, [0x62], masked: false))
            let close = frames(peer)
            #expect(close.map(\.first) == [0x88])
            #expect(close.first.map { Array($0.payload.prefix(2)) } == [3, 0xEA])
            #expect(inbox.texts == ["a"])
            #expect(peer.reason?.kind == .protocolError)
            #expect(peer.reason?.message.contains("does not mask") == true)
        }
    }

    @Test("F-5: a message over the limit ends the connection with 1009", arguments: [true, false])
    func tooLarge(isFragmented: Bool) throws {
        try withMemoryPeer(
            of: { try $0.pull { $0.maxMessageSize = 100_000 } },
            capacity: 1 << 20,
            codec: Self.codec { $0.maxMessageSize = 100_000 }
        ) { _, peer in
            peer.far.send(WebSocketBytes.request() + Self.ready)
            _ = frames(peer)
            let body = [0] + Pattern.bytes(100_001)
            peer.far.send(
                isFragmented
                    ? WebSocketBytes.frame(2, Array(body[..<50_000]), isFinal: false)
                        + WebSocketBytes.frame(0, Array(body[50_000...])) : WebSocketBytes.frame(2, body)
            )
            let close = frames(peer)
            #expect(close.last.map { Array($0.payload.prefix(2)) } == [3, 0xF1])
            #expect(peer.reason?.limit == .messageSize)
        }
    }

    @Test("WS-4: what is no upgrade is answered, and the event names it") func refusal() throws {
        try withMemoryPeer(of: { try $0.pull() }, codec: Self.codec()) { _, peer in
            peer.far.send(WebSocketBytes.request("/elsewhere"))
            peer.turn()
            #expect(String(decoding: peer.received, as: UTF8.self).hasPrefix("HTTP/1.1 404 Not Found\r\n"))
            #expect(peer.reason?.kind == .protocolError)
            #expect(peer.reason?.message.contains("/elsewhere") == true)
            #expect(peer.handshakes.isEmpty)
        }
    }

    @Test("a ZMTP peer without WebSocket is refused at its first bytes") func notHTTP() throws {
        try withMemoryPeer(of: { try $0.pull() }, codec: Self.codec()) { _, peer in
            peer.far.send(Wire.greeting())
            peer.turn()
            #expect(String(decoding: peer.received, as: UTF8.self).hasPrefix("HTTP/1.1 400 "))
            #expect(peer.reason?.message.contains("not HTTP") == true)
        }
    }

    @Test("N-9: the time of the handshake includes the upgrade", arguments: [0, 30, 1000])
    func handshakeTime(count: Int) throws {
        try withMemoryPeer(of: { try $0.pull { $0.handshakeInterval = .seconds(3) } }, codec: Self.codec()) { _, peer in
            peer.far.send(Array(WebSocketBytes.request().prefix(count)))
            peer.pass(.milliseconds(2900))
            #expect(peer.reason == nil)
            peer.pass(.milliseconds(200))
            #expect(peer.reason?.kind == .handshakeTimeout)
        }
    }

    @Test("a peer that leaves during the upgrade has closed the connection") func leaves() throws {
        try withMemoryPeer(of: { try $0.pull() }, codec: Self.codec()) { _, peer in
            peer.far.send(Array(WebSocketBytes.request().prefix(20)))
            peer.turn()
            peer.far.close()
            peer.turn()
            #expect(peer.reason == .peerClosed)
        }
    }

    // MARK: Memory

    @Test("WS-13: fragments before the handshake are limited as the handshake is") func fragmentsOfStrangers() throws {
        try withMemoryPeer(of: { try $0.pull() }, capacity: 1 << 20, codec: Self.codec()) { _, peer in
            peer.far.send(WebSocketBytes.request() + WebSocketBytes.frame(2, [2], isFinal: false))
            for _ in 0..<20 where peer.reason == nil {
                peer.far.send(WebSocketBytes.frame(0, Wire.zeros(5000), isFinal: false))
                peer.turn()
            }
            #expect(peer.reason?.limit == .handshakeBytes)
        }
    }

    @Test("WS-13: fragments count in the receive budget") func fragmentsInBudget() throws {
        try withClient {
            $0.receiveBudget = 100_000
        } _: { _, peer, _ in
            peer.far.send(WebSocketBytes.frame(2, [0], isFinal: false))
            for _ in 0..<100 where peer.reason == nil {
                peer.far.send(WebSocketBytes.frame(0, Wire.zeros(5000), isFinal: false))
                peer.turn()
            }
            #expect(peer.reason?.limit == .unfinishedBytes)
        }
    }

    @Test("WS-16: PINGs of a peer that reads nothing fill no memory; when it reads, the last is answered")
    func pingsWithoutReading() throws {
        try withClient(capacity: 1000) { _, peer, inbox in
            let count = 2000
            for number in 0..<count {
                let payload = [UInt8(number & 255), UInt8(number >> 8)] + Wire.zeros(118)
                var rest = WebSocketBytes.frame(9, payload)[...]
                while !rest.isEmpty {
                    rest = rest.dropFirst(peer.far.send(Array(rest)))
                    peer.reactor.run(.nowait)
                }
            }
            // A chunk, and what lies in the network.
            #expect(peer.connection.unacknowledged < 70_000)
            for _ in 0..<200 { peer.turn(2) }
            let pongs = frames(peer)
            #expect(pongs.allSatisfy { $0.first == 0x8A })
            #expect(pongs.last?.payload.prefix(2) == [UInt8((count - 1) & 255), UInt8((count - 1) >> 8)])
            peer.far.send(WebSocketBytes.message(0, [0x61]))
            peer.turn()
            #expect(inbox.texts == ["a"] && peer.reason == nil)
        }
    }

    @Test("WS-13: what a stream keeps for itself is read in turn, as messages are") func load() throws {
        try withClient { _, peer, inbox in
            let part = WebSocketBytes.frame(0, Wire.zeros(Reactor.largePiece), isFinal: false)
            peer.far.send(WebSocketBytes.frame(2, [0], isFinal: false) + part)
            peer.turn()
            #expect(peer.connection.lastRead >= Reactor.largePiece)
            peer.far.send(WebSocketBytes.frame(0, [1]) + WebSocketBytes.message(0, [0x61]))
            peer.turn(2)
            peer.far.send(WebSocketBytes.message(0, [0x62]))
            peer.turn()
            #expect(inbox.count == 3 && peer.connection.lastRead < 100)
        }
    }

    // MARK: Heartbeats

    @Test("HB-4: heartbeats are PINGs of the WebSocket; without an answer the peer is gone") func silentPeer() throws {
        try withClient {
            $0.heartbeatInterval = .seconds(2)
        } _: { _, peer, _ in
            peer.pass(.milliseconds(2100))
            #expect(frames(peer).map(\.first) == [0x89])
            peer.pass(.milliseconds(2000))
            #expect(peer.reason?.kind == .heartbeatTimeout)
        }
    }

    @Test("HB-3: a PONG is the answer, and a PING a sign of life") func livingPeer() throws {
        try withClient {
            $0.heartbeatInterval = .seconds(2)
        } _: { _, peer, _ in
            for _ in 0..<5 {
                peer.pass(.milliseconds(2050))
                #expect(frames(peer).map(\.first) == [0x89])
                peer.far.send(WebSocketBytes.frame(10, []))
                peer.turn()
            }
            #expect(peer.connection.heartbeat?.roundTrip != nil)
            peer.pass(.milliseconds(2050))
            for _ in 0..<5 {
                peer.far.send(WebSocketBytes.frame(9, [7]))
                peer.pass(.milliseconds(1000))
            }
            #expect(peer.reason == nil)
            peer.pass(.seconds(4))
            #expect(peer.reason?.kind == .heartbeatTimeout)
        }
    }

    // MARK: Output

    @Test("what the peer's system does not take waits, and leaves in order", arguments: [40, 500])
    func slowPeer(capacity: Int) throws {
        var settings = WebSocketSettings(.server, path: "/", socketType: .push)
        settings.maxMessageSize = .max
        try withMemoryPeer(
            of: { try $0.push() },
            capacity: capacity,
            codec: WebSocketCodec(server: settings)
        ) { push, peer in
            var rest = (WebSocketBytes.request() + WebSocketBytes.message(2, Array(Wire.ready("PULL").dropFirst(2))))[
                ...
            ]
            while !rest.isEmpty {
                rest = rest.dropFirst(peer.far.send(Array(rest)))
                peer.turn()
            }
            for number in 0..<200 {
                while try push.send(["\(number)", Frame(Pattern.bytes(number * 7))]) == .wouldBlock { peer.turn() }
            }
            peer.connection.close(afterSending: true)
            // Time passes, too: the end is waited for.
            for _ in 0..<20_000 where peer.reason == nil {
                peer.turn(2)
                peer.pass(.milliseconds(1))
            }
            peer.turn()
            let end = peer.received.firstRange(of: Array("\r\n\r\n".utf8))!.upperBound
            let (frames, left) = WebSocketBytes.frames(in: Array(peer.received[end...]))
            #expect(left.isEmpty)
            #expect(frames.count == 1 + 400 + 1)
            for number in 0..<200 where frames.count == 402 {
                #expect(frames[1 + 2 * number].payload == [1] + Array("\(number)".utf8))
                #expect(frames[2 + 2 * number].payload == [0] + Pattern.bytes(number * 7))
            }
            #expect(frames.last?.first == 0x88)
        }
    }

    @Test("an idle connection has no buffer") func idle() throws {
        try withClient { _, peer, inbox in
            peer.far.send(WebSocketBytes.message(0, [0x61]))
            peer.turn()
            #expect(inbox.texts == ["a"])
            inbox.clear()
            #expect(peer.connection.input.chunk == nil)
            #expect(peer.connection.unacknowledged == 0)
        }
    }
}
