import TestSupport
import Testing
import ZMTP

@testable import ZMQReactor

/// A reactor and a context for one test, and what tests do with sockets on it.
final class Workbench {
    let reactor: Reactor
    let context = Context()
    private var endpoints: [ObjectIdentifier: String] = [:]

    init() throws { reactor = try Reactor() }

    deinit {
        context.terminate()
        for _ in 0..<3 { reactor.run(.nonBlocking) }
    }

    /// Options that fit tests: quick to come back, quick to go.
    static func options(_ change: (inout SocketOptions) -> Void = { _ in }) -> SocketOptions {
        var options = SocketOptions()
        options.linger = .none
        options.reconnectInterval = .milliseconds(5)
        options.reconnectIntervalMax = .milliseconds(20)
        change(&options)
        return options
    }

    /// Where a socket is bound; binds it the first time.
    func endpoint(of socket: Socket) throws -> String {
        if let endpoint = endpoints[ObjectIdentifier(socket)] { return endpoint }
        let endpoint = try socket.bind("tcp://127.0.0.1:*")
        endpoints[ObjectIdentifier(socket)] = endpoint
        return endpoint
    }

    /// Connects `client` to `server` and turns until both have shaken hands.
    func connect(_ client: Socket, to server: Socket) throws {
        let (clients, servers) = (client.peerCount, server.peerCount)
        try client.connect(endpoint(of: server))
        try wait("a connection") { client.peerCount == clients + 1 && server.peerCount == servers + 1 }
    }

    func wait(_ what: String, _ condition: () throws -> Bool) throws { try reactor.run(until: condition, what) }

    /// Lets whatever is under way come to its end.
    func settle() { reactor.run(for: .milliseconds(30)) }

    /// Turns until a message is there.
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
        try (0..<count).map { _ in try receive(socket).strings.joined(separator: "|") }
    }

    /// Everything that has come when all has settled.
    func receiveAll(_ socket: any ReceivingSocket) throws -> [String] {
        settle()
        var all: [String] = []
        while let message = try socket.tryReceive() { all.append(message.strings.joined(separator: "|")) }
        return all
    }
}

extension Workbench {
    func pub(_ handler: (any PubHandler)? = nil, _ change: (inout SocketOptions) -> Void = { _ in }) throws -> PubSocket {
        try PubSocket(on: reactor, in: context, options: Self.options(change), handler: handler)
    }

    func xpub(_ handler: (any XPubHandler)? = nil, _ change: (inout SocketOptions) -> Void = { _ in }) throws -> XPubSocket {
        try XPubSocket(on: reactor, in: context, options: Self.options(change), handler: handler)
    }

    func sub(_ topics: String..., change: (inout SocketOptions) -> Void = { _ in }) throws -> SubSocket {
        let sub = try SubSocket(on: reactor, in: context, options: Self.options(change))
        for topic in topics { try sub.subscribe(to: topic) }
        return sub
    }

    func xsub(_ topics: String..., change: (inout SocketOptions) -> Void = { _ in }) throws -> XSubSocket {
        let xsub = try XSubSocket(on: reactor, in: context, options: Self.options(change))
        for topic in topics { try xsub.subscribe(to: topic) }
        return xsub
    }

    func push(_ handler: (any PushHandler)? = nil, _ change: (inout SocketOptions) -> Void = { _ in }) throws -> PushSocket {
        try PushSocket(on: reactor, in: context, options: Self.options(change), handler: handler)
    }

    func pull(_ change: (inout SocketOptions) -> Void = { _ in }) throws -> PullSocket {
        try PullSocket(on: reactor, in: context, options: Self.options(change))
    }

    func pair(_ handler: (any PairHandler)? = nil, _ change: (inout SocketOptions) -> Void = { _ in }) throws -> PairSocket {
        try PairSocket(on: reactor, in: context, options: Self.options(change), handler: handler)
    }

    /// Turns until a publisher knows of so many subscribers to a topic.
    func wait(for count: Int, subscribersOf publisher: PublishingSocket, to topic: String? = nil) throws {
        try wait("\(count) subscribers") {
            (topic.map { publisher.subscriberCount(to: $0) } ?? publisher.subscriberCount) == count
        }
    }
}

extension SocketEvent {
    var isDisconnect: Bool { if case .disconnected = self { true } else { false } }
    var isFailure: Bool { if case .handshakeFailed = self { true } else { false } }
}
