/// The outcome of ``ReactorHandle/submit(_:)``.
public enum SubmitResult: Hashable, Sendable {
    /// It will run on the reactor's thread.
    case accepted
    /// The inbox is full. The work was not accepted; try again later.
    case full
    /// The reactor no longer exists, or its thread is ending. The work was not accepted.
    case gone
}
