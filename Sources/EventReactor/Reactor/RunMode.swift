/// How long ``Reactor/run(_:)`` runs.
public enum RunMode: Hashable, Sendable {
    /// Turn after turn, blocking while there is nothing to do, until `stop()` is called.
    case untilStopped
    /// One turn, which waits for something to happen. It may also end without an event.
    case once
    /// One turn that handles what is ready and never waits.
    case nowait
}
