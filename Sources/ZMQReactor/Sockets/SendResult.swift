/// What became of a message that was sent.
@frozen
public enum SendResult: Sendable, Equatable {
    /// It is queued and will leave at the end of the loop's turn; or, for a type that drops, it is done with.
    case accepted

    /// Every peer's queue is at its high-water mark, or there is no peer. Nothing has changed; the socket's handler is told
    /// when there is room.
    case wouldBlock
}
