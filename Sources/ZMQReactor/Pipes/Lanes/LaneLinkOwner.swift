/// What made a link, and decides what follows its end.
protocol LaneLinkOwner: AnyObject {
    /// The other end has accepted this one.
    func linkAccepted(_ link: LaneLink)

    func linkEnded(_ link: LaneLink)
}

extension LaneLinkOwner {
    func linkAccepted(_ link: LaneLink) {}
}
