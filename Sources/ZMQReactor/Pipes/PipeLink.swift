import ZMTP

/// Moves a pipe's bytes: a byte stream's connection, or one of channels to another socket in this program or to a
/// session.
///
/// The calls about `outbound` and about room are cheap, end nothing and call nothing unknown, because the sender may be
/// walking the socket's pipes: the rest is done at the end of the turn.
protocol PipeLink: AnyObject, ObservedPeer {
    /// The address in the description of the peer.
    var peerAddress: String { get }

    /// There is something in the pipe's `outbound`.
    func pipeHasOutput()

    /// There is so much in the pipe's `outbound`, by its `attentionLevel`, that it does not wait for the end of the
    /// turn.
    func outboundIsLarge()

    /// The pipe has no room: finds out whether some has been made.
    func refreshCredit()

    /// The pipe's `inbound`, which was full, has room again.
    func resumeReceiving()

    /// The application has taken messages that this link brought. Called only when `countsTaken`.
    func messagesTaken(_ credit: Credit)
    var countsTaken: Bool { get }

    /// Whether what the pipe has outstanding still belongs to this side.
    var ownsOutstanding: Bool { get }

    /// Whether the other end keeps subscriptions, and announces all of them to each peer.
    var keepsSubscriptions: Bool { get }

    /// Ends the link: at once, or when `outbound` has left.
    func close(afterSending: Bool)

    /// Ends the link at once, or as soon as the operating system has been offered what is queued; what has not left is
    /// counted.
    func giveUp(afterWriting: Bool)

    /// Ends the link at once, because the peer has exceeded a limit or is not welcome.
    func reject(_ reason: EventReason)

    /// As `reject`, or soon: what is queued for an endpoint, on this thread or another, waits for the next connection
    /// there.
    func disconnect(because reason: EventReason)

    /// Accepts the peer, which waits for that.
    func accept()

    /// Sends a subscription or cancellation in the form that the peer understands, between messages.
    func announce(_ subscription: Subscription, topic: UnsafeRawBufferPointer)
}

// Defaults, for links that share no memory with the other end.
extension PipeLink {
    var peerAddress: String { peerDescription.address }
    func reject(_ reason: String) { reject(.rejected(reason)) }
    func disconnect(because reason: EventReason) { reject(reason) }
    func messagesTaken(_ credit: Credit) {}
    var countsTaken: Bool { false }
    var ownsOutstanding: Bool { false }
    func accept() {}
    var keepsSubscriptions: Bool { false }
    func outboundIsLarge() {}
    func giveUp(afterWriting: Bool) { close(afterSending: false) }
    func refreshCredit() {}
}
