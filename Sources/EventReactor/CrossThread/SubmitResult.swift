/// What became of a piece of work given to ``ReactorHandle/submit(_:)``.
public enum SubmitResult: Hashable, Sendable {
    /// It will run on the reactor's thread.
    case accepted
    /// As much as the inbox takes is waiting already. The work was not taken; try again later.
    case full
    /// The reactor does not exist any more, or its thread is ending. The work was not taken.
    case gone
}
