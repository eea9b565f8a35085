/// What the engine found in the input.
package enum Event {
    /// Nothing more can be done with what is there. The frame under way is whole when `minimum` bytes are there, from
    /// the input's start on. That is what the peer claims: a hint for the next read's size, no reason to allocate.
    case needsInput(minimum: Int)
    /// The handshake is done: messages may be sent.
    case handshakeCompleted(Peer)
    /// `count` whole messages lie between the offsets `start` and `end`; the input begins behind them.
    case messages(start: Int, end: Int, count: Int)
    /// A whole message that subscribes or cancels lies between the offsets `start` and `end`; the input begins behind it. Only for
    /// types that take subscriptions, and whichever form it had.
    case subscription(Subscription, start: Int, end: Int)
    /// So many commands have been dealt with that are nobody else's business; there may be more to do at once.
    case commands(Int)
    /// A PONG came, whose context lies between the offsets `start` and `end` until the next call.
    case pong(start: Int, end: Int)
}
