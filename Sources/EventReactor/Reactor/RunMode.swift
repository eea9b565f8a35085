/// How long ``Reactor/run(_:)`` goes on.
public enum RunMode: Hashable, Sendable {
    /// Turn after turn, blocking while there is nothing to do, until somebody calls `stop()`.
    case untilStopped
    /// One turn, which waits for something to happen. It may also end without anything having happened.
    case once
    /// One turn that takes what is ready and never waits.
    case nowait
}
