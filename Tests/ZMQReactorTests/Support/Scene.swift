import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// One reactor and one context with the sockets of a test: in real time, or in virtual time with a network in memory.
final class Scene {
    let reactor: Reactor
    let context: Context
    /// nil in real time.
    let virtual: TestScene?
    private let sessions: [Reactor]
    fileprivate var sockets: [WeakSocket] = []

    init(_ context: Context, clock: ManualClock? = nil) throws {
        self.context = context
        sessions = []
        virtual = nil
        reactor = try clock.map { try Reactor(clock: $0) } ?? Reactor()
    }

    /// - Parameter sessions: the reactors of connections, in the place of I/O threads.
    init(_ virtual: TestScene, sessions: [Reactor] = []) {
        (reactor, self.virtual, self.sessions) = (virtual.reactor, virtual, sessions)
        context = sessions.isEmpty ? virtual.context : Context(onReactors: sessions.map(\.handle))
    }

    /// The network in memory, of a scene in virtual time.
    var network: MemoryNetwork { virtual!.network }

    private let start = ContinuousClock.now

    /// The time since the beginning.
    var elapsed: Duration { virtual?.elapsed ?? ContinuousClock.now - start }

    /// An endpoint to bind to.
    var anyEndpoint: String { virtual == nil ? anyPort : "memory://\(Unique.name())" }

    /// An endpoint to connect to before it is bound.
    func freshEndpoint() throws -> String { try virtual == nil ? freeEndpoint() : anyEndpoint }

    /// Runs until `condition` holds.
    func run(
        until condition: () throws -> Bool,
        _ what: String = "the condition",
        within limit: Duration = .seconds(10)
    ) throws {
        if let virtual { return try virtual.run(until: condition, what, within: limit) }
        try reactor.run(until: condition, what, within: limit)
    }

    /// Runs for a short while, to check that something does not happen.
    func settle(_ duration: Duration = .milliseconds(30)) { run(for: duration) }

    /// Runs for a while.
    func run(for duration: Duration) {
        if let virtual { virtual.run(for: duration) } else { reactor.run(for: duration) }
    }

    /// A raw peer, connected to an endpoint.
    func rawPeer(to endpoint: String, receiveBuffer: Int32? = nil) throws -> RawPeer {
        if let virtual {
            let capacity = virtual.network.capacity
            defer { virtual.network.capacity = capacity }
            if let receiveBuffer { virtual.network.capacity = Int(receiveBuffer) }
            return try virtual.rawPeer(to: endpoint)
        }
        return try RawPeer(endpoint, receiveBuffer: receiveBuffer)
    }

    /// Closes a socket and runs until that is done.
    @discardableResult
    func close(_ socket: Socket, within limit: Duration = .seconds(10)) throws -> CloseReport {
        var report: CloseReport?
        socket.close { report = $0 }
        try run(until: { report != nil }, "the socket to close", within: limit)
        return report!
    }
}

struct WeakSocket {
    weak var socket: Socket?
}

extension Scene {
    typealias Change = (inout SocketOptions) -> Void

    func push(_ change: Change = { _ in }, handler: (any PushHandler)? = nil) throws -> PushSocket {
        track(try PushSocket(on: reactor, in: context, options: Self.options(change), handler: handler))
    }

    func pull(_ change: Change = { _ in }) throws -> PullSocket {
        track(try PullSocket(on: reactor, in: context, options: Self.options(change)))
    }

    func pull(_ change: Change = { _ in }, received: @escaping (PullSocket, Message) throws -> Void) throws
        -> PullSocket
    {
        track(try PullSocket(on: reactor, in: context, options: Self.options(change), received))
    }

    func pub(_ change: Change = { _ in }, handler: (any PubHandler)? = nil) throws -> PubSocket {
        track(try PubSocket(on: reactor, in: context, options: Self.options(change), handler: handler))
    }

    func sub(_ change: Change = { _ in }) throws -> SubSocket {
        track(try SubSocket(on: reactor, in: context, options: Self.options(change)))
    }

    func sub(_ change: Change = { _ in }, received: @escaping (SubSocket, Message) throws -> Void) throws -> SubSocket {
        track(try SubSocket(on: reactor, in: context, options: Self.options(change), received))
    }

    func track<S: Socket>(_ socket: S) -> S {
        sockets.append(WeakSocket(socket: socket))
        return socket
    }

    static func options(_ change: Change) -> SocketOptions {
        var options = SocketOptions()
        // Tests of reconnecting need not wait as long as applications do.
        options.reconnectInterval = .milliseconds(5)
        options.reconnectIntervalMax = .milliseconds(40)
        change(&options)
        return options
    }
}

/// Runs a test in virtual time, with a network in memory; then closes everything, and checks that nothing is left.
///
/// - Parameter ioThreads: how many reactors of the scene there are in the place of I/O threads.
func withVirtualScene(
    seed: UInt64 = 0,
    ioThreads: Int = 0,
    _ body: (Scene) throws -> Void,
    _ location: SourceLocation = #_sourceLocation
) throws {
    try withTestScene(seed: seed) { virtual in
        let scene = Scene(virtual, sessions: try (0..<ioThreads).map { _ in try virtual.makeReactor() })
        try body(scene)
        try scene.closeSockets(location)
    }
}

/// Runs a test of what takes time: in virtual time, or with I/O threads in real time, which is the only one that they
/// know, when all tests run with some. It uses `anyEndpoint`, `freshEndpoint` and `rawPeer(to:)` of the scene.
func withTimedScene(
    ioThreads: Int = ioThreadsOfTests,
    _ body: (Scene) throws -> Void,
    _ location: SourceLocation = #_sourceLocation
) throws {
    if ioThreads > 0, ioThreadsOfTests > 0 {
        try withScene(in: Context(ioThreads: ioThreads), body, location)
    } else {
        try withVirtualScene(ioThreads: ioThreads, body, location)
    }
}

/// Runs a test with its own reactor; then closes everything left open, and checks that every socket is gone and none is
/// kept alive by its own parts.
func withScene(
    in context: Context = .ofTests(),
    clock: ManualClock? = nil,
    _ body: (Scene) throws -> Void,
    _ location: SourceLocation = #_sourceLocation
) throws {
    let scene = try Scene(context, clock: clock)
    let result = Result { try body(scene) }
    try scene.closeAll()
    try result.get()
    try scene.closeSockets(location)
}

extension Scene {
    fileprivate func closeAll() throws {
        for socket in sockets.compactMap(\.socket) where !socket.isClosed {
            try socket.configure { $0.linger = .none }
            try close(socket)
        }
        let members = ContextMembers.of(reactor)
        try run(until: { members.members(of: context).isEmpty }, "all sockets to be closed")
    }

    fileprivate func closeSockets(_ location: SourceLocation) throws {
        try closeAll()
        // Timers and handlers of the last turn release their sockets at its end; I/O threads report when they have done
        // so.
        reactor.run(.nowait)
        func leaked() -> [Socket] { sockets.compactMap(\.socket) }
        if context.ioThreads > 0 { try? run(until: { leaked().isEmpty }) }
        let leaked = leaked()
        #expect(leaked.isEmpty, "leaked sockets: \(leaked.map(\.type))", sourceLocation: location)
    }
}

extension PushSocket {
    /// Sends until the socket would block; returns the number of accepted messages.
    func fill(with message: Message, limit: Int = 100_000) throws -> Int {
        var count = 0
        while count < limit, try send(message) == .accepted { count += 1 }
        return count
    }
}

let anyPort = "tcp://127.0.0.1:*"
