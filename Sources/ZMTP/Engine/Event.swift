/// An event in the input.
package enum Event {
    /// The input holds no further event. The current frame is complete when `minimum` bytes are there, counted from the
    /// start of the input. The peer claims that size: it is a hint for the size of the next read, not a reason to
    /// allocate.
    case needsInput(minimum: Int)
    /// The peer has shown its credentials: see `takeRequest`. The handshake continues when `decide` has been called;
    /// nothing should be read meanwhile.
    case undecided
    /// The handshake is complete: messages may be sent.
    case handshakeCompleted(Peer)
    /// `count` complete messages lie between the offsets `start` and `end`; the input begins behind them.
    case messages(start: Int, end: Int, count: Int)
    /// A complete message that subscribes or cancels, in either form, lies between the offsets `start` and `end`; the
    /// input begins behind it. Only for types that accept subscriptions.
    case subscription(Subscription, start: Int, end: Int)
    /// This many commands have been handled and need nothing from the caller; more events may follow at once.
    case commands(Int)
    /// Frames have been found that complete no message, which takes as long as `work` messages; more events may follow
    /// at once.
    case part(work: Int)
    /// Bytes without a protocol lie between the offsets `start` and `end`; the input begins behind them. No engine
    /// finds them.
    case bytes(start: Int, end: Int)
    /// A PONG, whose context lies between the offsets `start` and `end` until the next call.
    case pong(start: Int, end: Int)
}
