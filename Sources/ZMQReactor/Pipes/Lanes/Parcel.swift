import ZMTP

/// What travels in a lane.
enum Parcel: Sendable {
    /// The other end takes the peer: the first parcel, where there may be a refusal in its place.
    case accepted
    /// Messages, counted against the high-water mark.
    case messages(Run)
    /// There is a newest message, which is counted as one; those before it have gone without a word.
    case newest(NewestMessage)
    /// A subscription, or the end of one. Not counted, but when it comes from a session.
    case command(PeerCommand)
    /// To a session: the peer of this connection is not welcome, for this reason.
    case turnAway(EventReason, connection: Int)
    /// To a session: the connection is to end at once.
    case abort
    /// To a session: the connection is to end at once, or as soon as what is queued has been offered to the operating system.
    case giveUp(afterWriting: Bool)
    /// To a session: the connection, whose peer sends no more, is to end when everything has left.
    case finish
    /// From a session: the peer has sent its last.
    case peerFinished
    /// From a session: messages that could not be sent, because the connection is gone.
    case returned(Run)
    /// From a session: what counts the messages ahead of it, whose connection is gone, until this one is let go of.
    case claim(ReceiveBudget.Claim)
    /// From a session: why the connection is gone.
    case ended(EventReason)
    /// From the session of an endpoint: there is a connection, and what follows comes by it.
    case peerUp(SessionPeer)
    /// From the session of an endpoint: the connection is gone; what is queued waits for the next one.
    case peerDown(EventReason)
    /// From the session of an endpoint: an event, in its place among the others.
    case event(SocketEvent)
}
