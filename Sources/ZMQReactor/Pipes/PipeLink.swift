import ZMTP

/// What moves a pipe's bytes: a connection, the pipe of another socket in this program, or a session.
///
/// To be told about `outbound` and about room is cheap, ends nothing and calls nothing unknown, because whoever sends may be walking
/// the socket's pipes: there is the end of the turn for all that.
protocol PipeLink: AnyObject, ObservedPeer {
    /// There is something in the pipe's `outbound`.
    func outboundGrew()

    /// There is so much in the pipe's `outbound` that it should not wait for the end of the turn.
    func outboundIsLarge()

    /// The pipe has no room: find out whether some has been made.
    func refreshRoom()

    /// The pipe's `inbound`, which was full, has room again.
    func inboundHasRoom()

    /// The application has taken messages that this link brought. Called only when `countsTaken`.
    func taken(_ credit: Credit)
    var countsTaken: Bool { get }

    /// Whether the other end keeps subscriptions, and tells each peer of all of them.
    var keepsSubscriptions: Bool { get }

    /// Ends the link: at once, or when `outbound` has left.
    func close(afterSending: Bool)

    /// Ends the link at once, or as soon as the operating system has been offered what is queued; what has not left is counted.
    func giveUp(afterWriting: Bool)

    /// Ends the link at once, because the peer has gone too far.
    func turnAway(_ reason: EventReason)

    /// As `turnAway`, or soon: what is queued for an endpoint, wherever it has got to, waits for the next connection there.
    func disconnect(because reason: EventReason)

    /// The peer, which waits for that, is accepted.
    func accept()

    /// Sends a subscription or cancellation in the form that the peer understands, between messages.
    func send(_ subscription: Subscription, topic: UnsafeRawBufferPointer)
}

// What is of use only to a link that has the other end's queue in reach, or has not.
extension PipeLink {
    func turnAway(_ reason: String) { turnAway(.turnedAway(reason)) }
    func disconnect(because reason: EventReason) { turnAway(reason) }
    func taken(_ credit: Credit) {}
    var countsTaken: Bool { false }
    func accept() {}
    var keepsSubscriptions: Bool { false }
    func outboundIsLarge() {}
    func giveUp(afterWriting: Bool) { close(afterSending: false) }
    func refreshRoom() {}
}
