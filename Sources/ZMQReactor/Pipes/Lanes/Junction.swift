import EventReactor

/// What joins two ends that may live on different threads: a lane for each direction, and the doorbells at which the ends are found.
struct Junction: Sendable {
    /// The two ends: the one that was bound, and the one that connects to it. Of a socket and its session, the session counts
    /// as bound.
    enum Side {
        case binder, connector

        var other: Side { self == .binder ? .connector : .binder }
    }

    private let toBinder = Lane()
    private let toConnector = Lane()
    private let binderBell = Doorbell()
    private let connectorBell = Doorbell()

    /// What one side puts in arrives at the other.
    func lane(to side: Side) -> Lane { side == .binder ? toBinder : toConnector }

    /// Tells that side that the other has put something into the lane, or has used what it was waited for to use.
    func bell(of side: Side) -> Doorbell { side == .binder ? binderBell : connectorBell }

    /// One side does not join: the other finds the reason, if there is one, and its lane closed.
    func refuse(_ side: Side, _ reason: Parcel? = nil, wake other: ReactorHandle) {
        let lane = lane(to: side.other)
        if let reason {
            _ = lane.put {
                $0(reason); return nil
            }
        }
        _ = lane.close()
        _ = other.ring(bell(of: side.other))
    }
}

/// The way to the other end.
struct FarEnd {
    let handle: ReactorHandle
    let bell: Doorbell

    /// Wakes it from the thread that has the reactor; answers whether it is still there.
    func wake(from reactor: Reactor) -> Bool { reactor.ring(bell, at: handle) }
}
