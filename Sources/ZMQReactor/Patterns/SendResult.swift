/// The result of sending a message.
@frozen
public enum SendResult: Sendable, Equatable {
    /// The message is queued, and is sent at the end of the loop's turn; or a type that drops has dropped it.
    case accepted

    /// Every peer's queue is at its high-water mark, or there is no peer. Nothing has changed; the socket's handler is
    /// called when it can send again.
    case wouldBlock
}
