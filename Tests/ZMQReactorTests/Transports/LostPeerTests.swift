import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Peers that stop reading without closing.
struct LostPeerTests {
    /// The peers of the socket types used here.
    enum Kind: CaseIterable { case push, dealer, pub, stream, scatter, client, channel, server, peer, radio }

    private static let block = [UInt8](repeating: 7, count: 50_000)

    /// A socket with small buffers that is full for its peer, which reads nothing after the handshake. Records why the
    /// connection ends.
    private final class Full {
        let socket: Socket
        let peer: RawPeer
        private(set) var reason: EventReason?

        init(_ kind: Kind, _ scene: Scene, _ change: Scene.Change) throws {
            func small(_ options: inout SocketOptions) {
                (options.sendBuffer, options.sendHighWaterMark) = (16_384, 20)
                change(&options)
            }
            switch kind {
            case .push:
                let push = try scene.push(small)
                (socket, peer) = (push, try scene.rawPeer("PULL", of: push, receiveBuffer: 16_384))
                _ = try push.fill(with: Message(LostPeerTests.block))
            case .dealer:
                let dealer = try scene.dealer(small)
                (socket, peer) = (dealer, try scene.rawPeer("ROUTER", of: dealer, receiveBuffer: 16_384))
                while try dealer.send(Message(LostPeerTests.block)) == .accepted {}
            case .pub:
                let pub = try scene.pub(small)
                (socket, peer) = (pub, try scene.rawPeer("SUB", of: pub, receiveBuffer: 16_384))
                peer.subscribe("")
                try scene.wait(for: 1, subscribersOf: pub)
                while pub.statistics.messagesDropped == 0 { try pub.send(Message(LostPeerTests.block)) }
            case .scatter: (socket, peer) = try Self.full(ScatterSocket.self, "GATHER", scene, small)
            case .client: (socket, peer) = try Self.full(ClientSocket.self, "SERVER", scene, small)
            case .channel: (socket, peer) = try Self.full(ChannelSocket.self, "CHANNEL", scene, small)
            case .server: (socket, peer) = try Self.full(ServerSocket.self, "CLIENT", scene, small)
            case .peer: (socket, peer) = try Self.full(PeerSocket.self, "PEER", scene, small)
            case .radio:
                let radio = try scene.open(RadioSocket.self, small)
                (socket, peer) = (radio, try scene.rawPeer("DISH", of: radio, receiveBuffer: 16_384))
                peer.send(command: "JOIN", Array("g".utf8))
                try scene.wait(for: 1, membersOf: radio)
                while radio.statistics.messagesDropped == 0 { try radio.send(Message(LostPeerTests.block), to: "g") }
            case .stream:
                var id: Frame?
                let stream = scene.track(
                    try StreamSocket(on: scene.reactor, in: scene.context, options: Scene.options(small)) {
                        id = $1[0].copy()
                    }
                )
                (socket, peer) = (stream, try scene.rawPeer(to: stream.bind(scene.anyEndpoint), receiveBuffer: 16_384))
                try scene.wait("the peer") { id != nil }
                while try stream.send(LostPeerTests.block, to: id!) == .accepted {}
            }
            socket.onEvent = { [weak self] _, event in if event.isDisconnect { self?.reason = event.reason } }
        }

        /// A socket that accepts no more for its peer.
        private static func full<S: HandledSocket & SendingSocket>(
            _ type: S.Type,
            _ peerType: String,
            _ scene: Scene,
            _ change: Scene.Change
        ) throws -> (Socket, RawPeer) {
            let socket = try scene.open(type, change)
            let peer = try scene.rawPeer(peerType, of: socket, receiveBuffer: 16_384)
            while try socket.send(socket.addressed(Message(LostPeerTests.block))) == .accepted {}
            return (socket, peer)
        }
    }

    @Test(
        "HB-4: a frozen peer is detected while output is blocked",
        arguments: Kind.allCases.filter { $0 != .stream },
        [0, 1]
    )
    func frozenWhileBlocked(kind: Kind, ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let full = try Full(kind, scene) {
                ($0.heartbeatInterval, $0.heartbeatTimeout) = (.milliseconds(20), .milliseconds(60))
            }
            try scene.wait("the end") { full.reason != nil }
            #expect(full.reason?.kind == .heartbeatTimeout)
            #expect(full.socket.peerCount == 0)
        }
    }

    @Test("a peer that reads nothing is detected without heartbeats", arguments: Kind.allCases, [0, 1])
    func writeTimeout(kind: Kind, ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let full = try Full(kind, scene) { $0.writeTimeout = .milliseconds(60) }
            try scene.wait("the end") { full.reason != nil }
            #expect(full.reason?.kind == .writeTimeout)
            #expect(full.reason?.message.contains("0.06 seconds") == true)
        }
    }

    @Test("peers of every version are detected by blocked output", arguments: ["3.0", "2.0", "1.0"])
    func writeTimeoutOfLegacy(version: String) throws {
        try withTimedScene { scene in
            let push = try scene.push { ($0.writeTimeout, $0.sendBuffer) = (.milliseconds(60), 16_384) }
            var reason: EventReason?
            push.onEvent = { _, event in if event.isDisconnect { reason = event.reason } }
            let peer = try scene.rawPeer(to: push.bind(scene.anyEndpoint), receiveBuffer: 16_384)
            switch version {
            case "3.0": peer.send(Wire.greeting(minor: 0) + Wire.ready("PULL"))
            case "2.0": peer.send(Wire.greeting2(type: 7))
            default: peer.send(Wire.anonymous1)
            }
            try scene.wait("the handshake") { push.peerCount == 1 }
            _ = try push.fill(with: Message(Self.block))
            try scene.wait("the end") { reason != nil }
            #expect(reason?.kind == .writeTimeout)
        }
    }

    @Test(
        "messages of a peer that reads nothing are delivered, even if there was no room for them",
        arguments: [Road.tcp, .ipc],
        [0, 1]
    )
    func deliveredAfterWriteTimeout(road: Road, ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let dealer = try scene.dealer {
                ($0.sendBuffer, $0.receiveBuffer, $0.sendHighWaterMark) = (16_384, 1 << 20, 20)
                ($0.receiveHighWaterMark, $0.writeTimeout) = (10, .milliseconds(60))
            }
            var reason: EventReason?
            dealer.onEvent = { _, event in if event.isDisconnect { reason = event.reason } }
            try dealer.bind(road.endpoint)
            let peer = try scene.rawPeer("DEALER", of: dealer, receiveBuffer: 16_384)
            let texts = (0..<500).map { "\($0)" }
            let bytes = texts.flatMap { Wire.message($0) }
            #expect(peer.send(bytes) == bytes.count)
            try scene.wait("as many as there is room for") { dealer.messagesWaiting == 10 }
            while try dealer.send(Message(Self.block)) == .accepted {}
            scene.settle(.milliseconds(200))
            #expect(try scene.receive(500, dealer) == texts)
            try scene.wait("the end") { reason != nil }
            #expect(reason?.kind == .writeTimeout)
        }
    }

    @Test("STREAM: the bytes of a peer that reads none are delivered, and the notice last", arguments: [0, 1])
    func bytesAfterWriteTimeout(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let options = Scene.options {
                ($0.sendBuffer, $0.receiveBuffer, $0.sendHighWaterMark) = (16_384, 1 << 20, 20)
                ($0.receiveHighWaterMark, $0.writeTimeout) = (1, .milliseconds(60))
            }
            let stream = scene.track(try StreamSocket(on: scene.reactor, in: scene.context, options: options))
            var reason: EventReason?
            stream.onEvent = { _, event in if event.isDisconnect { reason = event.reason } }
            let peer = try RawPeer(stream.bind(scene.anyEndpoint), receiveBuffer: 16_384)
            let id = try scene.receive(stream)[0]
            let bytes = Pattern.bytes(200_000)
            #expect(peer.send(bytes) == bytes.count)
            while try stream.send(Self.block, to: id) == .accepted {}
            scene.settle(.milliseconds(200))
            var received: [UInt8] = []
            while true {
                let message = try scene.receive(stream)
                if message[1].isEmpty { break }
                received += Array(message[1])
            }
            #expect(received == bytes && reason?.kind == .writeTimeout)
        }
    }

    /// A transfer that takes several timeouts, read a little at a time.
    @Test("HB-4, HB-3: a large transfer over a slow line continues", arguments: [true, false])
    func slowTransfer(withHeartbeats: Bool) throws {
        try withTimedScene { scene in
            let limit = Duration.milliseconds(400) * slowness
            let push = try scene.push {
                if withHeartbeats {
                    ($0.heartbeatInterval, $0.heartbeatTimeout) = (.milliseconds(50), limit)
                } else {
                    $0.writeTimeout = limit
                }
                $0.sendBuffer = 65_536
            }
            let peer = try scene.rawPeer("PULL", of: push, receiveBuffer: 65_536)
            _ = try push.fill(with: Message(Self.block), limit: 200)
            let start = scene.elapsed
            let reader = scene.reactor.every(limit / 8) { _ in peer.poll(atMost: 32_768) }
            defer { reader.cancel() }
            // It ends after three timeouts: the condition is that time, and that the peer has not been disconnected.
            try scene.wait("three timeouts") { scene.elapsed - start > limit * 3 || push.peerCount == 0 }
            #expect(push.peerCount == 1)
            #expect(push.unsentMessages > 0)
        }
    }

    @Test("without output the write timeout does not expire")
    func idle() throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.writeTimeout = .milliseconds(10) }
            let peer = try scene.rawPeer("PULL", of: push)
            #expect(try push.send("x") == .accepted)
            try scene.wait("the message") { peer.hasReceived(Wire.message("x")) }
            scene.settle(.milliseconds(60))
            #expect(push.peerCount == 1)
        }
    }

    @Test("when blocked output proceeds in time, the write timeout starts over")
    func blockedAndFree() throws {
        try withTimedScene { scene in
            let full = try Full(.push, scene) { $0.writeTimeout = .seconds(5) }
            try scene.wait("everything to leave") {
                full.peer.poll()
                return full.socket.unsentMessages == 0
            }
            #expect(full.reason == nil && full.socket.peerCount == 1)
        }
    }

    @Test("messages queued for a frozen peer are sent on the next connection", arguments: [0, 1])
    func partition(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let pull = try scene.pull()
            let endpoint = try pull.bind(scene.anyEndpoint)
            let relay = scene.virtual == nil ? try Relay(on: scene.reactor, to: endpoint) : nil
            func stall(_ isStalled: Bool) {
                guard let relay else { return scene.network.connections.forEach { $0.isStalled = isStalled } }
                relay.manner = isStalled ? .stalled : .straight
            }
            let push = try scene.push {
                ($0.heartbeatInterval, $0.heartbeatTimeout) = (.milliseconds(20), .milliseconds(100))
                ($0.sendBuffer, $0.sendHighWaterMark) = (16_384, 20)
            }
            try push.connect(relay?.endpoint ?? endpoint)
            try scene.run(until: { push.peerCount == 1 })
            stall(true)
            // The buffers of both systems and the queue are full, and a PING waits behind all of that.
            try scene.run(until: { try push.send(Message(Self.block)) == .wouldBlock })
            try scene.run(until: { push.peerCount == 0 })
            let (queued, received) = (push.unsentMessages, pull.statistics.messagesReceived)
            #expect(queued > 0)
            stall(false)
            // Data in the buffers of the lost connection may arrive as well.
            try scene.run(until: {
                pull.statistics.messagesReceived >= received + queued && push.unsentMessages == 0
            })
            #expect(push.statistics.reconnects > 0)
            relay?.close()
        }
    }
}
