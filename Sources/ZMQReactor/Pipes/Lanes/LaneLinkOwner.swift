/// What made a link, and decides what follows its end.
protocol LaneLinkOwner: AnyObject {
    /// The other end has accepted this one.
    func linkAccepted(_ link: LaneLink)

    func linkEnded(_ link: LaneLink)

    /// The link, which outlives connections, leads to a peer.
    func link(_ link: LaneLink, hasPeer peer: SessionPeer)

    /// The link, which outlives connections, leads to no peer any more.
    func link(_ link: LaneLink, hasLostPeerBecause reason: EventReason)

    /// The session at the other end has recorded an event.
    func link(_ link: LaneLink, reports event: SocketEvent)

    /// Whether a link that is closed at once is to give back what has not left.
    var takesBack: Bool { get }
}

extension LaneLinkOwner {
    func linkAccepted(_ link: LaneLink) {}
    func link(_ link: LaneLink, hasPeer peer: SessionPeer) {}
    func link(_ link: LaneLink, hasLostPeerBecause reason: EventReason) {}
    func link(_ link: LaneLink, reports event: SocketEvent) {}
    var takesBack: Bool { false }
}
