import EventReactor
import Synchronization

/// What joins two ends that may live on different threads: a lane for each direction, and the keys by which the ends are found
/// on their loops.
struct Junction: Sendable {
    /// The two ends: the one that was bound, and the one that connects to it. Of a socket and its outpost, the outpost counts
    /// as bound.
    enum Side {
        case binder, connector

        var other: Side { self == .binder ? .connector : .binder }
    }

    private let toBinder = Lane()
    private let toConnector = Lane()
    private let binderKey = Junction.nextKey()
    private let connectorKey = Junction.nextKey()

    private static let keys = Atomic(0)

    /// A number that nothing else in the program has.
    static func nextKey() -> Int { keys.add(1, ordering: .relaxed).newValue }

    /// What one side puts in arrives at the other.
    func lane(to side: Side) -> Lane { side == .binder ? toBinder : toConnector }

    func key(of side: Side) -> Int { side == .binder ? binderKey : connectorKey }

    /// One side does not join: the other finds its lane closed.
    func refuse(_ side: Side, wake other: ReactorHandle) {
        guard lane(to: side.other).close() else { return }
        let key = key(of: side.other)
        other.submitUnlimited { LoopResources.of($0).laneEnds[key]?.incomingGrew() }
    }
}

/// One end of a junction, as the loop it lives on knows it.
protocol LaneEnd: AnyObject {
    /// The other end has put something into the lane, or has used what it was waited for to use.
    func incomingGrew()
}

/// The way to the other end.
struct FarEnd {
    let handle: ReactorHandle
    let key: Int

    /// Wakes it from a thread that has the reactor; answers whether it is still there.
    func wake(from reactor: Reactor) -> Bool {
        guard handle !== reactor.handle else {
            LoopResources.of(reactor).laneEnds[key]?.incomingGrew()
            return true
        }
        let key = key
        return handle.submitUnlimited { LoopResources.of($0).laneEnds[key]?.incomingGrew() }
    }
}
