import EventReactor
import Synchronization

/// State that the sockets of one reactor share.
final class LoopResources {
    let chunks = ChunkPool()
    let gather = GatherList()
    let resolver = Resolver()
    let inproc = InprocEnds()
    let acknowledgements = AcknowledgementWatch()

    /// The sessions on this loop, and the owners of sessions on other loops, by the same key.
    var sessions: [Int: Session] = [:]
    var sessionOwners: [Int: any SessionOwner] = [:]

    /// The sockets that are not closed. This keeps a socket alive that the application does not.
    private var sockets: [ObjectIdentifier: Socket] = [:]

    /// The pipes that wait for a socket's budget, by the socket's identifier.
    var heldBack: [ObjectIdentifier: HeldBackPipes] = [:]

    private static let keys = Atomic(0)

    /// A key that is unique in the program.
    static func nextKey() -> Int { keys.add(1, ordering: .relaxed).newValue }

    static func of(_ reactor: Reactor) -> LoopResources {
        reactor.shared(LoopResources.self) { LoopResources() }
    }

    func add(_ socket: Socket) { sockets[ObjectIdentifier(socket)] = socket }

    func remove(_ socket: Socket) {
        sockets[ObjectIdentifier(socket)] = nil
        if sockets.isEmpty { whenEmpty?() }
    }

    /// Called when the last socket is gone.
    var whenEmpty: (() -> Void)?

    var allSockets: [Socket] { Array(sockets.values) }

    func sockets(of context: Context) -> [Socket] { sockets.values.filter { $0.context === context } }
}

extension LoopResources: EndOfThreadHandler {
    func reactorThreadEnds() {
        for socket in allSockets { socket.closeAtOnce() }
        for session in Array(sessions.values) { session.abandon() }
        // The sessions can no longer report their end.
        for owner in Array(sessionOwners.values) { owner.sessionFinished() }
    }
}
