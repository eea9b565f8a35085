import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMTP

/// The engine against libzmq, over a tcp connection: each mechanism, each side of it, each side connecting.
@Suite(.hangLimit) struct LibzmqMechanismTests {
    /// An engine on a connection.
    private final class Link {
        var session: Session
        private let stream: RawPeer
        private var sent = 0

        init(_ configuration: Engine.Configuration, _ stream: RawPeer, verdict: Verdict? = .accepted(.anonymous)) {
            session = Session(configuration, verdict: verdict)
            self.stream = stream
        }

        var found: Transcript { session.transcript }

        func pump() {
            stream.poll()
            session.feed(stream.received)
            stream.received = []
            let rest = Array(session.transcript.output[sent...])
            if !rest.isEmpty { sent += max(stream.send(rest), 0) }
        }

        func send(_ frames: [UInt8]) { session.transcript.output += session.send(frames) }

        func wait(_ what: String, until condition: (Link) -> Bool) throws {
            try waitUntil(what) {
                pump()
                return condition(self)
            }
        }

        var isClosed: Bool { stream.isClosed }
    }

    /// Connects an engine with a libzmq socket.
    private func link(
        _ type: SocketType,
        _ mechanism: Mechanism,
        with peer: LibzmqPeer,
        connects: Bool,
        verdict: Verdict? = .accepted(.anonymous)
    ) throws -> Link {
        guard !connects else {
            let stream = try RawPeer(peer.bind())
            return Link(.connecting(type, mechanism), stream, verdict: verdict)
        }
        let listener = try RawListener()
        try peer.connect(listener.endpoint)
        var stream: RawPeer?
        try waitUntil("a connection") {
            stream = listener.accept()
            return stream != nil
        }
        return Link(.accepting(type, mechanism), stream!, verdict: verdict)
    }

    /// Exchanges messages of many sizes, in both directions.
    private func exchange(_ link: Link, _ peer: LibzmqPeer) throws {
        try link.wait("the handshake") { $0.found.peer != nil }
        let sizes = [0, 1, 31, 32, 222, 223, 255, 256, 8_192, 100_000]
        for size in sizes {
            let frame = PeerFrame.pattern(size: size, seed: size)
            let message = Wire.message([[7], frame.content])
            link.send(message + message)
            let received = try peer.expecting([[7], frame], count: 2)
            try waitUntil("\(size) bytes at the peer") {
                link.pump()
                return received.isReady
            }
            try received.value()
            let before = link.found.messages.count
            let sending = try peer.sending([[7], frame], count: 2)
            try link.wait("\(size) bytes") { $0.found.messages.count == before + 2 }
            try sending.value()
            #expect(link.found.messages.suffix(2) == [message, message])
        }
        #expect(link.found.failure == nil)
    }

    /// Answers one request of libzmq's server, which is in the same process as the handler.
    private func answer(
        _ handler: LibzmqPeer,
        _ link: Link,
        _ reply: (ZAPRequest) -> Verdict
    ) throws -> ZAPRequest {
        let receiving = try handler.receiving()
        try link.wait("a request of ZAP") { _ in receiving.isReady }
        let request = try ZAPRequest(receiving.value().map { Frame($0) })
        let answer = ZAPReply(requestID: request.requestID, reply(request), text: "decided")
        try handler.sending(answer.frames.map { PeerFrame.bytes(Array($0)) }).value()
        return request
    }

    private func handler(in process: PeerProcess) throws -> LibzmqPeer {
        let handler = try LibzmqPeer(.rep, in: process)
        try handler.bind("inproc://zeromq.zap.01")
        return handler
    }

    private static let plain: [PeerOption] = [
        .bytes("PLAIN_USERNAME", "admin".utf8), .bytes("PLAIN_PASSWORD", "secret".utf8),
    ]

    @Test("NULL, authenticated on this side", arguments: [true, false])
    func null(connects: Bool) throws {
        let peer = try LibzmqPeer(.dealer)
        let link = try link(.dealer, .authenticatedNull, with: peer, connects: connects)
        try exchange(link, peer)
        #expect(link.found.credentials == .null)
    }

    @Test("PLAIN: this side is the server", arguments: [true, false])
    func plainServer(connects: Bool) throws {
        let peer = try LibzmqPeer(.dealer, Self.plain)
        let link = try link(.dealer, .plainServer, with: peer, connects: connects)
        try exchange(link, peer)
        #expect(link.found.credentials == .plain(username: "admin", Password("secret")))
    }

    @Test("P-2, DEV-18: libzmq's client takes our ERROR for a failed handshake") func plainRefusal() throws {
        let peer = try LibzmqPeer(.dealer, Self.plain, monitored: true)
        let link = try link(.dealer, .plainServer, with: peer, connects: false, verdict: .refused(.denied))
        try link.wait("the refusal") { $0.found.failure != nil }
        let event = try peer.waitingForEvent("HANDSHAKE_FAILED_PROTOCOL")
        try link.wait("the event") { _ in event.isReady }
        try event.value()
    }

    @Test("PLAIN, Z-3: this side is the client", arguments: [true, false])
    func plainClient(connects: Bool) throws {
        let process = try PeerProcess()
        let handler = try handler(in: process)
        let options: [PeerOption] = [.flag("PLAIN_SERVER"), .bytes("ZAP_DOMAIN", "domain".utf8)]
        let peer = try LibzmqPeer(.dealer, options, in: process)
        let link = try link(.dealer, .plainClient(Example.credentials), with: peer, connects: connects)
        let request = try answer(handler, link) { _ in .accepted(Acceptance(userID: "user")) }
        #expect(request.domain == "domain" && request.address == "127.0.0.1")
        #expect(request.proof == .credentials(.plain(username: "admin", Password("secret"))))
        try exchange(link, peer)
    }

    @Test("DEV-18, Z-1: libzmq's server refuses, and its ERROR is understood")
    func plainClientRefused() throws {
        let process = try PeerProcess()
        let handler = try handler(in: process)
        let peer = try LibzmqPeer(.dealer, [.flag("PLAIN_SERVER")], in: process)
        let link = try link(.dealer, .plainClient(Example.credentials), with: peer, connects: true)
        _ = try answer(handler, link) { _ in .refused(.denied) }
        try link.wait("the refusal") { $0.found.failure != nil }
        #expect(link.found.failure == .refused(reason: "400"))
    }

    #if Curve
        private static let serverKeys = CurveExample.serverKeys
        private static let clientKeys = CurveExample.clientKeys

        private static func bytes(_ key: CurveSecretKey) -> [UInt8] { key.withUnsafeBytes { Array($0) } }

        private func client() throws -> Mechanism {
            try .curveClient(Self.clientKeys, serverKey: Self.serverKeys.publicKey)
        }

        private static let libzmqServer: [PeerOption] = [
            .flag("CURVE_SERVER"), .bytes("CURVE_SECRETKEY", bytes(serverKeys.secretKey)),
        ]

        private static let libzmqClient: [PeerOption] = [
            .bytes("CURVE_SERVERKEY", serverKeys.publicKey.bytes),
            .bytes("CURVE_PUBLICKEY", clientKeys.publicKey.bytes),
            .bytes("CURVE_SECRETKEY", bytes(clientKeys.secretKey)),
        ]

        @Test("CURVE: this side is the server", arguments: [true, false])
        func curveServer(connects: Bool) throws {
            let peer = try LibzmqPeer(.dealer, Self.libzmqClient)
            let link = try link(.dealer, .curveServer(Self.serverKeys), with: peer, connects: connects)
            try exchange(link, peer)
            #expect(link.found.credentials == .curve(Self.clientKeys.publicKey))
        }

        @Test("CURVE: this side is the client", arguments: [true, false])
        func curveClient(connects: Bool) throws {
            let peer = try LibzmqPeer(.dealer, Self.libzmqServer)
            let link = try link(.dealer, client(), with: peer, connects: connects)
            try exchange(link, peer)
        }

        @Test("CU-8, Z-3: libzmq's server asks for the client's key, and refuses it") func curveRefused() throws {
            let process = try PeerProcess()
            let handler = try handler(in: process)
            let peer = try LibzmqPeer(.dealer, Self.libzmqServer, in: process)
            let link = try link(.dealer, client(), with: peer, connects: true)
            let request = try answer(handler, link) { _ in .refused(.denied) }
            #expect(request.proof == .credentials(.curve(Self.clientKeys.publicKey)))
            try link.wait("the refusal") { $0.found.failure != nil }
            #expect(link.found.failure == .refused(reason: "400"))
        }

        @Test("CU-8: libzmq's client is refused, and reports the status") func curveRefuses() throws {
            let peer = try LibzmqPeer(.dealer, Self.libzmqClient, monitored: true)
            let link = try link(
                .dealer,
                .curveServer(Self.serverKeys),
                with: peer,
                connects: false,
                verdict: .refused(.denied)
            )
            let event = try peer.waitingForEvent("HANDSHAKE_FAILED_AUTH")
            try link.wait("the event") { _ in event.isReady }
            #expect(try event.value() == 400)
        }

        @Test("CU-2: a libzmq client that has another server's key fails") func curveOtherServer() throws {
            let options: [PeerOption] = [
                .bytes("CURVE_SERVERKEY", Self.clientKeys.publicKey.bytes),
                .bytes("CURVE_PUBLICKEY", Self.clientKeys.publicKey.bytes),
                .bytes("CURVE_SECRETKEY", Self.bytes(Self.clientKeys.secretKey)),
            ]
            let peer = try LibzmqPeer(.dealer, options)
            let link = try link(.dealer, .curveServer(Self.serverKeys), with: peer, connects: false)
            try link.wait("the failure") { $0.found.failure != nil }
            #expect(link.found.failure == .notAuthentic("HELLO"))
        }

        @Test("CU-9, CU-11, HB-1: libzmq's commands and subscriptions in CURVE") func curveCommands() throws {
            let options: [PeerOption] = [.integer("HEARTBEAT_IVL", 20), .subscribe("A"), .subscribe("")]
            let peer = try LibzmqPeer(.sub, Self.libzmqClient + options)
            let link = try link(.xpub, .curveServer(Self.serverKeys), with: peer, connects: false)
            try link.wait("subscriptions") { $0.found.subscriptions.count == 2 }
            #expect(Set(link.found.messages) == [Wire.message([[1, 0x41]]), Wire.message([[1]])])
            // A message arrives behind the answers to several PINGs.
            let output = link.found.output.count
            try link.wait("PINGs") { $0.found.output.count >= output + 3 * 40 }
            link.send(Wire.message("hello") + Wire.ping("from here"))
            let received = try peer.expecting(["hello"])
            try link.wait("the message") { _ in received.isReady }
            try received.value()
            try link.wait("a PONG") { $0.found.pongs == [Array("from here".utf8)] }
            #expect(link.found.failure == nil)
        }
    #endif

    @Test("G-8, D-2: libzmq with another mechanism does not get in", arguments: [true, false])
    func otherMechanism(connects: Bool) throws {
        let peer = try LibzmqPeer(.dealer)
        let link = try link(.dealer, .plainServer, with: peer, connects: connects)
        // It closes before it has sent a whole greeting.
        try link.wait("the end") { $0.isClosed || $0.found.failure != nil }
        #expect(link.found.peer == nil && link.found.credentials == nil)
    }
}
