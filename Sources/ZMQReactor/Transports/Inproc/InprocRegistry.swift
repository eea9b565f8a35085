import EventReactor
import Synchronization
import ZMTP

/// One end of an inproc connection, as the other may know it from any thread.
struct InprocEndpoint: Sendable {
    /// Finds the listener or connector among its loop's.
    let key: Int
    let handle: ReactorHandle
    let socketType: SocketType
    let identity: [UInt8]
    let pipeOptions: Pipe.Options

    init(_ host: any ConnectionHost, _ options: EndpointOptions) {
        key = UniqueNumber.next()
        handle = host.reactor.handle
        socketType = options.profile.type
        identity = options.profile.identity
        pipeOptions = options.pipe
    }

    /// What a handshake would have exchanged.
    var peer: Peer {
        var metadata = Metadata()
        SubscriptionToken.announce(of: socketType, in: &metadata)
        return Peer(version: .v3_1, socketType: socketType, identity: identity, metadata: metadata)
    }
}

extension InprocEndpoint: ObservedPeer {
    var peerDescription: PeerDescription { PeerDescription("inproc", peer) }
}

extension PeerDescription {
    /// A peer over inproc without a routing id.
    static let inproc = PeerDescription("inproc")
}

/// The inproc names of one context, with the endpoint bound to each, or those that wait for one.
final class InprocRegistry: Sendable {
    private struct Name {
        var binder: InprocEndpoint?
        var waiting: [InprocEndpoint] = []
    }

    private let names = Locked([String: Name]())
    private let isOver = Atomic(false)

    /// Whether the context has been terminated: no further bind is possible.
    var hasEnded: Bool { isOver.load(ordering: .relaxed) }

    /// The context has been terminated.
    func end() { isOver.store(true, ordering: .relaxed) }

    /// Binds a name. Returns the endpoints that have connected to it before; nil when it is in use.
    func bind(_ name: String, _ endpoint: InprocEndpoint) -> [InprocEndpoint]? {
        names.withLock { names -> [InprocEndpoint]? in
            guard names[name]?.binder == nil else { return nil }
            let waiting = names[name]?.waiting ?? []
            names[name] = Name(binder: endpoint)
            return waiting
        }
    }

    /// Returns the endpoint that is bound to the name. If there is none, returns nil, and `endpoint` waits for one.
    func connect(_ name: String, _ endpoint: InprocEndpoint) -> InprocEndpoint? {
        names.withLock { names -> InprocEndpoint? in
            if let binder = names[name]?.binder { return binder }
            names[name, default: Name()].waiting.append(endpoint)
            return nil
        }
    }

    /// Takes back a bind or a connect that waits.
    func withdraw(_ name: String, key: Int) {
        names.withLock { names in
            guard var entry = names[name] else { return }
            if entry.binder?.key == key { entry.binder = nil }
            entry.waiting.removeAll { $0.key == key }
            names[name] = entry.binder == nil && entry.waiting.isEmpty ? nil : entry
        }
    }
}

/// The inproc ends that live on one loop, by key.
final class InprocEndpoints: ReactorLocal {
    var acceptors: [Int: InprocAcceptor] = [:]
    var dialers: [Int: InprocDialer] = [:]

    /// The context of the registry has been terminated.
    func ended(_ registry: InprocRegistry) {
        // Keys rise: these are in the order in which they were made.
        let dialers = dialers.sorted { $0.key < $1.key }.map(\.value)
        for dialer in dialers where dialer.names === registry { dialer.connector.dialingIsInVain() }
    }
}
