public import EventReactor
public import ZMQReactor
import ZMTP

/// What a test of handlers needs: a reactor in virtual time, a context, and a network in memory.
///
/// ```swift
/// try withTestScene { scene in
///     let server = try RepSocket(on: scene.reactor, in: scene.context) { _, request, reply in reply.send(request) }
///     try server.bind("memory://echo")
///     let client = try ReqSocket(on: scene.reactor, in: scene.context)
///     try client.connect("memory://echo")
///     #expect(try client.send("hello") == .accepted)
///     try scene.run(until: { try client.tryReceive() == "hello" })
/// }
/// ```
///
/// **Time** is virtual: it passes only while the scene or a reactor of it runs, and then at once. Where a reactor would
/// sleep, the time of its next timer comes. So a heartbeat of an hour takes no time, a test never sleeps, and nothing
/// depends on how busy the machine is.
///
/// **Endpoints** of sockets are `memory://name`, see ``MemoryNetwork``, or `inproc://name`. Descriptors of the system,
/// other threads and I/O threads do not know of virtual time.
///
/// The same code and the same seed give the same events in the same order.
public final class TestScene {
    /// The reactor of the test.
    public let reactor: Reactor

    /// A context for the test's sockets. It has no I/O threads.
    public let context: Context

    /// The network of the `memory://` endpoints.
    public let network: MemoryNetwork

    package let clock: ManualClock
    private let start: Int64
    /// The buffers of connections on this thread that do not belong to the scene.
    let foreignBuffers = Chunk.countsOfThread.buffers

    /// Makes a scene on the calling thread. ``withTestScene(seed:_:)`` is the usual way: it also closes the scene.
    /// One that is not closed keeps its reactors, and their descriptors.
    ///
    /// - Parameter seed: for everything that is random in the scene: the jitter of pauses between attempts to connect,
    ///   and
    ///   ``MemoryDirection/Split/random(upTo:)``.
    /// - Throws: `ReactorError.resourceExhausted` when no descriptor is available for the reactor.
    public init(seed: UInt64 = 0) throws(ReactorError) {
        clock = ManualClock(isSelfAdvancing: true, seed: seed)
        start = clock.nanoseconds
        reactor = try Reactor(clock: clock)
        context = Context()
        network = MemoryNetwork(on: reactor)
        reactor.network = network
    }

    deinit { releaseNetwork() }

    /// A further reactor on the same thread, in the same time and network, as if it were another program's.
    ///
    /// - Throws: `ReactorError.resourceExhausted` when no descriptor is available for it.
    public func makeReactor() throws(ReactorError) -> Reactor {
        let reactor = try Reactor(clock: clock)
        reactor.network = network
        return reactor
    }

    /// The virtual time that has passed since the scene was made.
    public var elapsed: Duration { .nanoseconds(clock.nanoseconds - start) }

    /// Connects a raw peer to a `memory://` endpoint that a socket is bound to, or to a tcp or ipc endpoint.
    ///
    /// - Throws: ``TestFailure`` when nothing listens there.
    public func rawPeer(to endpoint: String) throws(TestFailure) -> RawPeer {
        guard let name = MemoryNetwork.name(in: endpoint) else { return try RawPeer(endpoint) }
        return try network.rawPeer(to: name)
    }

    /// Listens at a `memory://` endpoint for sockets that connect there; each is a raw peer.
    ///
    /// - Throws: ``TestFailure`` when something else listens there.
    public func rawListener(at endpoint: String) throws(TestFailure) -> MemoryListener {
        guard let name = MemoryNetwork.name(in: endpoint) else {
            throw TestFailure("\(endpoint) is no memory:// endpoint")
        }
        return try MemoryListener(at: name, in: network)
    }
}

extension MemoryNetwork {
    static func name(in endpoint: String) -> String? {
        let scheme = "memory://"
        return endpoint.hasPrefix(scheme) ? String(endpoint.dropFirst(scheme.count)) : nil
    }
}
