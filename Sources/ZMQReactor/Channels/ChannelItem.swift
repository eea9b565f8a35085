import ZMTP

/// What a channel carries.
enum ChannelItem: Sendable {
    /// The other end accepts this one: the first item, unless there is a refusal in its place.
    case accepted
    /// Messages, counted against the high-water mark.
    case messages(MessageBatch)
    /// The slot holds a newest message, which is counted as one; those that it has replaced are not announced.
    case newest(ConflatingSlot)
    /// A subscription, or the end of one. Counted only when it comes from a session.
    case command(PeerCommand)
    /// To a session: the peer of this connection is rejected, for this reason.
    case reject(EventReason, connection: Int)
    /// To a session: the connection ends at once.
    case abort
    /// To a session: the connection ends at once, or as soon as what is queued has been offered to the operating
    /// system.
    case giveUp(afterWriting: Bool)
    /// To a session: the connection, whose peer sends no more, ends when everything has left.
    case finish
    /// From a session: the peer has sent its last bytes.
    case peerHalfClosed
    /// From a session: messages that could not be sent, because the connection is gone.
    case returned(MessageBatch)
    /// From a session: holds the place in a receive budget of the messages ahead of it, whose connection is gone, as
    /// long as it exists.
    case claim(any AnyObject & Sendable)
    /// From a session: why the connection ended.
    case ended(EventReason)
    /// From the session of an endpoint: there is a connection, and what follows comes by it.
    case peerUp(SessionPeer)
    /// From the session of an endpoint: the connection is gone; what is queued waits for the next one.
    case peerDown(EventReason)
    /// From the session of an endpoint: an event, in its place among the others.
    case event(SocketEvent)
}
