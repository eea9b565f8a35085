/// A socket of the real libzmq in another process.
///
/// The plain calls (`bind`, `send`, `receive`, `expect`, …) block until they are done. Each of the longer ones has a
/// form that only starts the operation (`sending`, `receiving`, `expecting`, …) and returns a `PeerReply`, for tests
/// that must run their reactor meanwhile:
///
///     let reply = try peer.receiving()
///     push.send("hello")
///     let message = try reactor.run(until: reply)
///
/// Commands to one peer are executed in order, those to different peers in parallel, even within one process.
public final class LibzmqPeer: Sendable {
    public let process: PeerProcess
    let number: Int

    /// Opens a socket; in its own process unless one is given.
    ///
    /// `monitored` enables `waitForEvent`.
    public init(
        _ type: PeerSocketType,
        _ options: [PeerOption] = [],
        in process: PeerProcess? = nil,
        monitored: Bool = false
    ) throws {
        let process = try process ?? PeerProcess()
        self.process = process
        number = process.nextNumber()
        var command = PeerCommand("open")
        command.type = type.rawValue
        command.options = options
        command.monitored = monitored
        try run(command)
    }

    deinit { try? close() }

    /// Ends the process with SIGKILL, as a crash would.
    public func kill() throws { try process.kill() }

    /// Closes the socket. libzmq keeps sending queued messages for `linger` milliseconds while the process lives.
    public func close(linger: Int = 0) throws {
        var command = PeerCommand("close")
        command.linger = linger
        command.socket = number
        _ = try process.start(command) { _ in }
    }

    func start<Value>(
        _ command: PeerCommand,
        within limit: Duration = .seconds(10),
        _ decode: @escaping @Sendable (PeerAnswer) throws -> Value
    ) throws -> PeerReply<Value> {
        var command = command
        command.socket = number
        return try process.start(command, within: limit, decode)
    }

    func run(_ command: PeerCommand) throws {
        try start(command) { _ in }.value()
    }
}

extension LibzmqPeer {
    public func set(_ options: PeerOption...) throws {
        var command = PeerCommand("set")
        command.options = options
        try run(command)
    }

    /// The value of an integer option, by its name without `ZMQ_`.
    public func get(_ name: String) throws -> Int {
        var command = PeerCommand("get")
        command.name = name
        return try start(command) { try required($0.integer, "an integer") }.value()
    }

    /// Binds and returns the resolved endpoint.
    @discardableResult
    public func bind(_ endpoint: String = "tcp://127.0.0.1:*") throws -> String {
        var command = PeerCommand("bind")
        command.endpoint = endpoint
        return try start(command) { try required($0.endpoint, "an endpoint") }.value()
    }

    public func connect(_ endpoint: String) throws { try run("connect", endpoint) }

    public func unbind(_ endpoint: String) throws { try run("unbind", endpoint) }

    public func disconnect(_ endpoint: String) throws { try run("disconnect", endpoint) }

    private func run(_ operation: String, _ endpoint: String) throws {
        var command = PeerCommand(operation)
        command.endpoint = endpoint
        try run(command)
    }

    /// Starts waiting for an event of the socket's monitor, by its name without `ZMQ_EVENT_`, such as
    /// `HANDSHAKE_SUCCEEDED`; the value is the event's.
    public func waitingForEvent(_ name: String, within limit: Duration = .seconds(10)) throws -> PeerReply<Int> {
        var command = PeerCommand("wait_event")
        command.name = name
        command.timeout = limit.milliseconds
        return try start(command, within: limit) { try required($0.integer, "an integer") }
    }

    @discardableResult
    public func waitForEvent(_ name: String, within limit: Duration = .seconds(10)) throws -> Int {
        try waitingForEvent(name, within: limit).value()
    }
}

func required<Value>(_ value: Value?, _ what: String) throws -> Value {
    guard let value else { throw TestFailure("the peer's answer has not \(what)") }
    return value
}

extension Duration {
    var milliseconds: Int {
        Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
