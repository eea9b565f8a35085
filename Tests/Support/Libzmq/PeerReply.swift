public import EventReactor

/// The pending reply of a peer.
///
/// A test with a reactor to run meanwhile uses `reactor.run(until:)`.
public struct PeerReply<Value>: Sendable {
    let process: PeerProcess
    let command: PeerCommand
    let decode: @Sendable (PeerAnswer) throws -> Value
    /// How long the peer itself tries before it fails.
    let limit: Duration

    /// Whether `value` would return or throw at once.
    public var isReady: Bool { process.hasAnswer(to: command.id) }

    /// Waits for it. Throws the error of the other side. Call it once.
    @discardableResult
    public func value() throws -> Value {
        let answer = try process.answer(to: command, within: limit + .seconds(10))
        guard let error = answer.error else { return try decode(answer) }
        throw PeerFailure(
            errno: answer.errno,
            description: """
                libzmq peer cannot \(command.operation): \(error)
                \(answer.traceback ?? "")
                \(process.child.standardError)
                """
        )
    }

    /// Ends an operation that runs until it is stopped, and returns its result.
    @discardableResult
    public func stop() throws -> Value {
        var stop = PeerCommand("stop")
        (stop.id, stop.socket) = (command.id, command.socket)
        try process.write(stop)
        return try value()
    }

    /// The same reply with a transformed value.
    func map<Other>(_ transform: @escaping @Sendable (Value) throws -> Other) -> PeerReply<Other> {
        PeerReply<Other>(
            process: process,
            command: command,
            decode: { [decode] in try transform(decode($0)) },
            limit: limit
        )
    }
}

extension Reactor {
    /// Runs until a peer has replied and returns the reply.
    public func run<Value>(until reply: PeerReply<Value>) throws -> Value {
        try run(until: { reply.isReady }, "the peer to \(reply.command.operation)", within: reply.limit + .seconds(10))
        return try reply.value()
    }
}
