/// A handler that held the loop for longer than a limit; see ``Reactor/onSlowHandler(longerThan:_:)`` and ``Watchdog``.
public struct SlowHandler: Sendable, Equatable {
    /// What called the handler, for people to read: `descriptor 7`, `timer every 0.1 seconds`, `signal TERM`,
    /// `submitted work`, `task`, `PULL socket tcp://127.0.0.1:5555`.
    ///
    /// A ``Watchdog`` names a socket by its class alone: more would have to be read on the thread that is held.
    public let source: String

    /// The name of the handler's type; nil for a closure and for a task.
    public let handlerType: String?

    /// How long it took, or has taken so far.
    public let duration: Duration

    /// Whether it has returned. False in the reports of a ``Watchdog``.
    public let hasReturned: Bool
}

extension SlowHandler: CustomStringConvertible {
    /// One sentence without a full stop, for example `Worker of PULL socket tcp://127.0.0.1:5555 took 0.12 seconds`.
    public var description: String {
        let handler = handlerType ?? "a handler"
        return "\(handler) of \(source) \(hasReturned ? "took" : "has not returned for") \(duration)"
    }
}
