import EventReactor
import ZMTP

/// Hands messages to and fro between two sockets: a broker, a forwarder, a streamer or a bridge, by what the sockets are.
///
/// ```swift
/// let clients = try RouterSocket(on: reactor, in: context)
/// let workers = try DealerSocket(on: reactor, in: context)
/// try clients.bind("tcp://*:5559")
/// try workers.bind("tcp://*:5560")
/// try Proxy(frontend: clients, backend: workers)
/// ```
///
/// A proxy is no loop of its own. It starts at once, beside everything else on the sockets' reactor, several of them if need be, and goes
/// on until it is stopped or one of its two sockets is closed, which terminating the context does, too. Nobody has to hold
/// it. Messages pass as they are, whatever their frames, without being queued in between or looked into.
///
/// **What goes with what.** Any two sockets of which one can receive and the other can send: ROUTER and DEALER, XSUB and XPUB,
/// PULL and PUSH, SUB and PUB, PAIR and PAIR, STREAM and DEALER, …, in either place. What only one of them can do makes the proxy
/// one-way: what arrives at a backend whose frontend cannot send waits there, and holds the peers back; only the subscriptions
/// that reach an XPUB are thrown away. REQ and REP are refused, as they are in lock step: in front of REP peers use a DEALER, behind
/// REQ peers a ROUTER. The same socket in both places gives back what it receives.
///
/// **When one side is full.** A socket that would block is given no more, and the other one is not read meanwhile, so that
/// its peers are held back in turn: nothing is lost, and what is on its way is the sum of the high-water marks. A socket whose rule
/// it is to drop does drop, and counts that in its own statistics: PUB and XPUB for each subscriber that is too slow, unless
/// ``XPubSocket/blocksWhenFull``; ROUTER for a client that is too slow, unless ``RouterSocket/isMandatory``, when one such client
/// holds back the answers for all.
///
/// **Threads.** The sockets must have been created on the proxy's reactor. To run a proxy on a thread of its own, create them there:
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

    /// The socket that is given a copy of everything; nil when there is none or it has been closed.
    public internal(set) var capture: Socket?

    /// Whether the proxy leaves what arrives at its sockets where it is, see ``pause()``.
    public internal(set) var isPaused = false

    /// Why the proxy has ended; nil while it has not.
    public internal(set) var end: End?

    /// Called on the reactor, once, when the proxy has ended, never before the call that ended it returns.
    public var onEnd: ((Proxy, End) -> Void)?

    /// From the frontend to the backend, and the other way.
    let forward: ProxyFlow
    let backward: ProxyFlow
    var controller: ProxyController?
    var isScheduled = false

    /// Starts to hand messages from the frontend to the backend and from the backend to the frontend, beginning with those that
    /// wait to be received.
    ///
    /// - Parameters:
    ///   - frontend: by custom the socket for clients or publishers.
    ///   - backend: by custom the socket for workers or subscribers.
    ///   - capture: is sent every message of both directions, with all its frames, subscriptions included, in the order in which
    ///     they pass: a PUB, PUSH, DEALER or PAIR. When it has no room, it misses messages, see ``Statistics/captureDropped``:
    ///     who listens must not stall who is listened to. When it is closed the proxy goes on without it.
    ///   - control: is listened to for commands, see ``Command``.
    /// - Throws: `invalidArgument` when the sockets do not go together, are not all of one reactor, or have a handler or another
    ///   proxy; `closed` or `terminated` when one of them is closed.
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
        // One that leads to where it comes from is enough.
        if frontend === backend { backward.isUsable = false }
        for socket in [frontend, backend, capture] { socket?.consumer = self }
        controller = control.map { ProxyController(of: self, at: $0) }
        schedule()
    }
}

@available(*, unavailable, message: "a proxy belongs to the thread of its sockets")
extension Proxy: Sendable {}

// What the sockets tell.
extension Proxy: SocketConsumer {
    func take(_ run: inout Run, from pipe: Pipe, at socket: Socket) {
        guard !isPaused, end == nil else { return }
        if socket === frontend {
            forward.move(&run, from: pipe)
        } else if socket === backend {
            backward.move(&run, from: pipe)
        }
    }

    func messagesArrived(at socket: Socket) { if socket !== capture { schedule() } }

    func roomWasMade(at socket: Socket) {
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

// What waits in the sockets' queues.
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
