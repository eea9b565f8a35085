import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

extension Scene {
    func xpub(_ change: Change = { _ in }, handler: (any XPubHandler)? = nil) throws -> XPubSocket {
        track(try XPubSocket(on: reactor, in: context, options: Self.options(change), handler: handler))
    }

    func xsub(to topics: String..., change: Change = { _ in }, handler: (any XSubHandler)? = nil) throws -> XSubSocket {
        let xsub = track(try XSubSocket(on: reactor, in: context, options: Self.options(change), handler: handler))
        for topic in topics { try xsub.subscribe(to: topic) }
        return xsub
    }

    func sub(to topics: String..., change: Change = { _ in }) throws -> SubSocket {
        let sub = try sub(change)
        for topic in topics { try sub.subscribe(to: topic) }
        return sub
    }

    func pair(_ change: Change = { _ in }, handler: (any PairHandler)? = nil) throws -> PairSocket {
        track(try PairSocket(on: reactor, in: context, options: Self.options(change), handler: handler))
    }

    func stream(_ change: Change = { _ in }, handler: (any StreamHandler)? = nil) throws -> StreamSocket {
        track(try StreamSocket(on: reactor, in: context, options: Self.options(change), handler: handler))
    }

    func stream(
        _ change: Change = { _ in },
        received: @escaping (StreamSocket, Message) throws -> Void
    ) throws -> StreamSocket {
        track(try StreamSocket(on: reactor, in: context, options: Self.options(change), received))
    }

    /// The endpoint of a socket; binds it the first time.
    func endpoint(of socket: Socket) throws -> String { try socket.lastEndpoint ?? socket.bind(anyEndpoint) }

    /// Connects `client` to `server` and runs until the handshake is complete at both.
    func connect(_ client: Socket, to server: Socket) throws {
        let former = (client.peerNumbers, server.peerNumbers)
        try client.connect(endpoint(of: server))
        try wait("a connection") { client.hasPeer(beside: former.0) && server.hasPeer(beside: former.1) }
    }

    func wait(_ what: String, _ condition: () throws -> Bool) throws { try run(until: condition, what) }

    /// Runs until a publisher has this many subscribers, optionally to a topic.
    func wait(for count: Int, subscribersOf publisher: PublishingSocket, to topic: String? = nil) throws {
        try wait("\(count) subscribers") {
            (topic.map { publisher.subscriberCount(to: $0) } ?? publisher.subscriberCount) == count
        }
    }

    /// Runs until there is a message.
    func receive(_ socket: any ReceivingSocket) throws -> Message {
        var message: Message?
        try wait("a message") {
            message = try socket.tryReceive()
            return message != nil
        }
        return message!
    }

    /// The texts of the next messages.
    func receive(_ count: Int, _ socket: any ReceivingSocket) throws -> [String] {
        try (0..<count).map { _ in try receive(socket).text }
    }

    /// The texts of everything that has arrived when all has settled.
    func receiveAll(_ socket: any ReceivingSocket) throws -> [String] {
        settle()
        var all: [String] = []
        while let message = try socket.tryReceive() { all.append(message.text) }
        return all
    }

    /// A raw peer after its handshake with a socket as one of `type`, speaking ZMTP 3.`minor`. Its received bytes begin
    /// with the first message.
    func rawPeer(
        _ type: String,
        of socket: Socket,
        identity: [UInt8]? = nil,
        minor: UInt8 = 1,
        receiveBuffer: Int32? = nil
    ) throws -> RawPeer {
        let former = socket.peerNumbers
        let peer = try rawPeer(to: endpoint(of: socket), receiveBuffer: receiveBuffer)
        if peer.descriptor >= 0 {
            var noDelay: CInt = 1
            setsockopt(peer.descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &noDelay, socklen_t(MemoryLayout<CInt>.size))
        }
        peer.send(Wire.greeting(minor: minor) + Wire.ready(type, identity: identity))
        try wait("the handshake") {
            peer.poll()
            return socket.hasPeer(beside: former) && peer.received.count >= 66
                && peer.received.count >= 66 + Int(peer.received[65])
        }
        peer.received.removeFirst(66 + Int(peer.received[65]))
        return peer
    }

    /// The bytes that a raw peer has received when all has settled; clears them.
    func heard(_ peer: RawPeer) -> [UInt8] {
        settle()
        peer.poll()
        defer { peer.received = [] }
        return peer.received
    }
}

extension Message {
    /// The texts of the frames, between bars.
    var text: String { strings.joined(separator: "|") }
}

extension SocketEvent {
    var isDisconnect: Bool { if case .disconnected = self { true } else { false } }
    var isFailure: Bool { if case .handshakeFailed = self { true } else { false } }
}

// Peers are distinguished, and not counted: an earlier one may disconnect while another one connects.
extension Socket {
    fileprivate var peerNumbers: Set<Int> { Set(pipes.compactMap { $0?.peerNumber }) }

    fileprivate func hasPeer(beside former: Set<Int>) -> Bool {
        pipes.contains { $0.map { $0.peer != nil && !former.contains($0.peerNumber) } ?? false }
    }
}
