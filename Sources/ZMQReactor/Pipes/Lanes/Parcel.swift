import ZMTP

/// What travels in a lane.
enum Parcel: Sendable {
    /// The other end takes the peer: the first parcel, where there may be a refusal in its place.
    case accepted
    /// Messages, counted against the high-water mark.
    case messages(Run)
    /// There is a newest message, which is counted as one; those before it have gone without a word.
    case newest(NewestMessage)
    /// A subscription, or the end of one. Not counted, but when it comes from an outpost.
    case command(PeerCommand)
    /// To an outpost: the peer is not welcome, for this reason.
    case turnAway(EventReason)
    /// To an outpost: the connection is to end at once.
    case abort
    /// To an outpost: the connection is to end at once, or as soon as what is queued has been offered to the operating system.
    case giveUp(afterWriting: Bool)
    /// To an outpost: the connection, whose peer sends no more, is to end when everything has left.
    case finish
    /// From an outpost: the peer has sent its last.
    case peerFinished
    /// From an outpost: messages that could not be sent, because the connection is gone.
    case returned(Run)
    /// From an outpost: what counts the messages ahead of it, whose connection is gone, until this one is let go of.
    case claim(ReceiveBudget.Claim)
    /// From an outpost: why the connection is gone.
    case ended(EventReason)
}
