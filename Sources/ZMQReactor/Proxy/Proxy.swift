import EventReactor
import ZMTP

/// Forwards messages between two sockets, in both directions: a broker, a forwarder, a streamer or a bridge, depending
/// on the sockets' types.
///
/// ```swift
/// let clients = try RouterSocket(on: reactor, in: context)
/// let workers = try DealerSocket(on: reactor, in: context)
/// try clients.bind("tcp://*:5559")
/// try workers.bind("tcp://*:5560")
/// try Proxy(frontend: clients, backend: workers)
/// ```
///
/// A proxy is not a loop of its own. It starts at once, beside everything else on the sockets' reactor, including other
/// proxies, and runs until it is stopped or one of its two sockets is closed, which terminating the context also does.
/// It does not have to be kept. Messages pass unchanged, with all their frames, and are neither queued in between nor
/// parsed.
///
/// **Combinations.** Any two sockets of which one can receive and the other can send: ROUTER and DEALER, XSUB and XPUB,
/// PULL and PUSH, SUB and PUB, PAIR and PAIR, STREAM and DEALER, …, in either place. If only one of them can send or
/// receive, the proxy is one-way: messages that arrive at a backend whose frontend cannot send stay there, and hold the
/// peers back; only the subscriptions that reach an XPUB are dropped, and counted as ``DropReason/notForwarded``. CLIENT,
/// CHANNEL and SCATTER send messages of one frame and drop others, so that ROUTER, SERVER, PEER, STREAM and DISH, which
/// put a frame in front, cannot be combined with them. REQ and REP are refused, because they work in lockstep: use a
/// DEALER in front of REP peers, and a ROUTER behind REQ peers. The same socket in both places echoes what it receives.
///
/// **Flow control.** A socket that would block receives no more messages, and the other one is not read meanwhile, so
/// that its peers are held back in turn: nothing is lost, and the number of messages under way is limited by the sum of
/// the high-water marks. A socket whose rule is to drop does so, and counts the drops in its own statistics: PUB and
/// XPUB for each slow subscriber, unless ``XPubSocket/blocksWhenFull``; ROUTER for a slow client, unless
/// ``RouterSocket/isMandatory``, in which case one slow client holds back the replies for all.
///
/// **Threads.** The sockets must be on the proxy's reactor. To run a proxy on its own thread, create them there:
///
/// ```swift
/// let broker = try Reactor.start(named: "broker") { reactor in
///     let clients = try RouterSocket(on: reactor, in: context)
///     …
///     try Proxy(frontend: clients, backend: workers)
/// }
/// ```
public final class Proxy {
    /// The first of the two sockets.
    public let frontend: Socket

    /// The second of the two sockets; possibly the same.
    public let backend: Socket

    /// The socket that receives a copy of everything; nil if there is none or it has been closed.
    public internal(set) var capture: Socket?

    /// Whether forwarding is paused; see ``pause()``.
    public internal(set) var isPaused = false

    /// Why the proxy has ended; nil while it runs.
    public internal(set) var end: End?

    /// Called on the reactor, once, when the proxy has ended, never before the call that ended it returns.
    public var onEnd: ((Proxy, End) -> Void)?

    /// From the frontend to the backend, and the reverse.
    let forward: ProxyFlow
    let backward: ProxyFlow
    var controller: ProxyController?
    var isScheduled = false

    /// Starts forwarding messages between the two sockets, in both directions, beginning with those already received.
    ///
    /// - Parameters:
    ///   - frontend: by convention the socket for clients or publishers.
    ///   - backend: by convention the socket for workers or subscribers.
    ///   - capture: receives every message of both directions, with all its frames, including subscriptions, in the
    ///     order in which they pass: a PUB, PUSH, DEALER or PAIR. When it has no room it misses messages (see
    ///     ``Statistics/captureDropped``), because a slow observer must not stall the proxy. When it is closed, the
    ///     proxy continues without it.
    ///   - control: receives commands; see ``Command``.
    /// - Throws: `invalidArgument` when the sockets cannot be combined, are not on one reactor, or have a handler or
    ///   another proxy; `closed` or `terminated` when one of them is closed.
    @discardableResult
    public init(
        frontend: Socket,
        backend: Socket,
        capture: Socket? = nil,
        control: Socket? = nil
    ) throws(ZMQError) {
        try Self.check(frontend: frontend, backend: backend, capture: capture, control: control)
        self.frontend = frontend
        self.backend = backend
        self.capture = capture
        forward = ProxyFlow(from: frontend, to: backend, capture: capture)
        backward = ProxyFlow(from: backend, to: frontend, capture: capture)
        // If both directions are the same, one is enough.
        if frontend === backend { backward.isUsable = false }
        for socket in [frontend, backend, capture] { socket?.consumer = self }
        controller = control.map { ProxyController(of: self, at: $0) }
        schedule()
    }
}

@available(*, unavailable, message: "a proxy belongs to the thread of its sockets")
extension Proxy: Sendable {}

// Calls of the sockets.
extension Proxy: SocketConsumer {
    func take(_ batch: inout MessageBatch, from pipe: Pipe, at socket: Socket) {
        guard !isPaused, end == nil else { return }
        if socket === frontend {
            forward.move(&batch, from: pipe)
        } else if socket === backend {
            backward.move(&batch, from: pipe)
        }
    }

    func messagesArrived(at socket: Socket) { if socket !== capture { schedule() } }

    func becameWritable(at socket: Socket) {
        if socket === backend { forward.isHeld = false }
        if socket === frontend { backward.isHeld = false }
        if socket !== capture { schedule() }
    }

    func socketCloses(_ socket: Socket) {
        guard socket !== capture else {
            (capture, forward.capture, backward.capture) = (nil, nil, nil)
            return
        }
        finish(socket.context.isTerminated ? .terminated : .closed(socket))
    }
}

// Messages in the sockets' queues.
extension Proxy: EndOfTurnHandler {
    func schedule() {
        guard !isScheduled, !isPaused, end == nil, forward.hasWork || backward.hasWork else { return }
        isScheduled = true
        frontend.reactor.atEndOfTurn(self)
    }

    package func reactorTurnEnded() {
        isScheduled = false
        for flow in [forward, backward] where !isPaused && end == nil { flow.drain() }
        schedule()
    }
}
