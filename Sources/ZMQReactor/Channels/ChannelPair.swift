import EventReactor

/// Two ends, on one reactor or on two: a channel for each direction, and a wake-up for each end.
struct ChannelPair: Sendable {
    /// The two ends: the one that is bound, and the one that connects to it. Of a socket and its session, the session
    /// counts as bound.
    enum Side {
        case binder, connector

        var other: Side { self == .binder ? .connector : .binder }
    }

    private let toBinder: Channel
    private let toConnector: Channel
    private let binderWakeup = Wakeup()
    private let connectorWakeup = Wakeup()

    /// A pair whose ends are on these reactors, which may be the same one.
    init(between one: ReactorHandle, and other: ReactorHandle) {
        toBinder = Channel(isShared: one !== other)
        toConnector = Channel(isShared: one !== other)
    }

    /// The channel whose consumer is that side.
    func channel(to side: Side) -> Channel { side == .binder ? toBinder : toConnector }

    /// Wakes that side: there are new items for it, or the credit that it awaits has been acknowledged.
    func wakeup(of side: Side) -> Wakeup { side == .binder ? binderWakeup : connectorWakeup }

    /// Closes the pair in the place of one side, which does not take part. The other side receives the reason, if there
    /// is one.
    func refuse(_ side: Side, _ reason: ChannelItem? = nil, wake other: ReactorHandle) {
        let channel = channel(to: side.other)
        if let reason {
            _ = channel.put {
                $0(reason)
                return nil
            }
        }
        _ = channel.close()
        _ = other.signal(wakeup(of: side.other))
    }
}

/// The other end of a pair, as it is reached from this one.
struct RemoteEnd {
    let handle: ReactorHandle
    let wakeup: Wakeup

    /// Wakes it. Returns whether its reactor still exists.
    ///
    /// - Parameter reactor: the caller's own.
    func wake(from reactor: Reactor) -> Bool { reactor.signal(wakeup, at: handle) }
}
