import EventReactor
import ZMTP

/// The part of a socket that lives on an I/O thread: one endpoint with its connections.
///
/// It is a socket itself, of the same type and with the same options, so that listener, connector and connections need not know.
/// It has no routing and no queue of its own: what arrives goes to its home, which is the socket, and what comes from there leaves,
/// by an ``OutpostRelay`` for each peer.
///
/// The home holds it by its key, and it the home: neither touches the other but by work submitted to its loop.
final class Outpost: Socket {
    /// What an outpost is told when it is set up.
    struct Orders: Sendable {
        let key: Int
        let home: ReactorHandle
        let context: Context
        let type: SocketType
        let identity: [UInt8]
        let options: SocketOptions
        let traffic: OutpostTraffic
        let admissions: Admissions
        let receiveBudget: ReceiveBudget
    }

    private let orders: Orders
    private var relays: [ObjectIdentifier: OutpostRelay] = [:]
    private var connector: StreamConnector?
    private var listener: StreamListener?
    private var isFinished = false
    private var isHomeClosing = false

    /// Why the home wants no further peer.
    private var refusal: String?

    init(_ orders: Orders, on reactor: Reactor) {
        self.orders = orders
        super.init(
            outpostOf: orders.type,
            on: reactor,
            in: orders.context,
            options: orders.options,
            identity: orders.identity,
            admissions: orders.admissions,
            receiveBudget: orders.receiveBudget
        )
        loop.outposts[orders.key] = self
    }

    // MARK: Orders from home

    func listen(on listening: ListeningDescriptor, with transport: any StreamTransport) {
        let listener = StreamListener(transport, of: self, on: listening)
        self.listener = listener
        listeners.append(listener)
    }

    func connect(with transport: any StreamTransport) {
        let connector = StreamConnector(transport, of: self)
        self.connector = connector
        connectors.append(connector)
        connector.start()
    }

    func stopListening() {
        listener?.stopListening()
        finishIfDone()
    }

    /// No further peer is welcome while there is a reason.
    func refuse(_ reason: String?) { refusal = reason }

    /// Ends those connections that have not shaken hands, or all.
    func closeConnections(all: Bool) {
        if all { listener?.closeConnections(afterSending: false) } else { listener?.endHandshakes() }
        finishIfDone()
    }

    /// Ends the connection and the attempts to make one.
    func stopConnecting() {
        connector?.close(afterSending: false)
        finishIfDone()
    }

    /// The home sends no more by this pipe: the connection ends when everything has left.
    func homeHasClosed(_ pipe: Pipe) {
        isHomeClosing = true
        pipe.link?.close(afterSending: true)
    }

    /// The home is gone.
    func abandon() {
        guard !isFinished else { return }
        listener?.stopListening()
        listener?.closeConnections(afterSending: false)
        connector?.close(afterSending: false)
        finishIfDone()
    }

    // MARK: News for the home

    func tellHome(_ news: @escaping @Sendable (any OutpostHome) -> Void) {
        let key = orders.key
        let isTaken = orders.home.submitUnlimited { reactor in
            if let home = LoopResources.of(reactor).outpostHomes[key] { news(home) }
        }
        if !isTaken { abandon() }
    }

    override func emit(_ event: @autoclosure () -> SocketEvent) {
        let event = event()
        switch event {
        // The home says so by itself, when it has let go of the endpoint or of the peer.
        case .closed, .disconnected: return
        // Until it hears that everything has left, and stops us, we do as if there were more to come.
        case .connectDelayed where isHomeClosing: return
        default: break
        }
        tellHome { $0.outpostReports(event) }
    }

    override func transportChanged() {
        forgetFinishedTransports()
        finishIfDone()
    }

    private func finishIfDone() {
        let isListening = listener.map { $0.isListening || $0.connectionCount > 0 } ?? false
        let isConnecting = connector.map { !$0.isClosed } ?? false
        guard !isFinished, !isListening, !isConnecting else { return }
        isFinished = true
        // They refer to this object.
        (listener, connector, listeners, connectors) = (nil, nil, [], [])
        loop.outposts[orders.key] = nil
        reactor.deferRelease(self)
        tellHome { $0.outpostFinished() }
    }

    // MARK: As the socket of its connections

    override var refusalOfPeers: String? {
        // The home would say so, too, but later.
        if type.traits.contains(.onePeer), !relays.isEmpty { return "a \(type) socket has one peer at a time" }
        return refusal
    }

    override func awaitsAcceptance(of peer: Peer) -> Bool { Self.awaitsAcceptance(of: peer, by: type) }

    /// Whether the home may refuse such a peer, which only it can know.
    static func awaitsAcceptance(of peer: Peer, by type: SocketType) -> Bool {
        type.traits.contains(.onePeer) || type.traits.contains(.namesPeers) && !peer.identity.isEmpty
    }

    override func pipeUp(_ pipe: Pipe) {
        guard let peer = pipe.peer, let link = pipe.link else { return }
        let junction = Junction()
        let relay = OutpostRelay(junction, pipe, of: self, home: orders.home)
        relays[ObjectIdentifier(pipe)] = relay
        if let info = (link as? any StreamLink)?.info(endpoint: pipe.endpoint, isAccepted: true) {
            relay.traffic.count(sent: info.bytesSent, received: info.bytesReceived)
        }
        let (name, traffic, handle) = (link.peerName, relay.traffic, reactor.handle)
        tellHome { $0.outpostHasPeer(junction, peer, name: name, traffic: traffic, on: handle) }
    }

    override func pipeDown(_ pipe: Pipe) {
        // Everything has left, and the home wants no other connection.
        if isHomeClosing, pipe.outbound.isEmpty { connector?.close(afterSending: false) }
        relays.removeValue(forKey: ObjectIdentifier(pipe))?.end(pipe.reasonOfEnd)
    }

    override func peerHasFinished(_ pipe: Pipe) { relays[ObjectIdentifier(pipe)]?.peerHasFinished() }

    override func receive(_ run: consuming Run, from pipe: Pipe) {
        relays[ObjectIdentifier(pipe)]?.forward(run)
    }

    override func receive(_ command: PeerCommand, from pipe: Pipe) {
        relays[ObjectIdentifier(pipe)]?.forward(command)
    }

    override func pipeSent(_ pipe: Pipe, _ count: Int) {
        orders.traffic.countSent(count)
        guard let relay = relays[ObjectIdentifier(pipe)] else { return }
        relay.traffic.countSent(count)
        relay.confirm(count)
    }

    override func pipeDropped(_ pipe: Pipe, _ count: Int) {
        orders.traffic.countDropped(count, .conflated)
        relays[ObjectIdentifier(pipe)]?.confirm(count)
    }

    /// Messages have arrived that newer ones took the place of before the home took them.
    func countReplaced(_ count: Int) { orders.traffic.countReplaced(count) }

    override func countBytes(sent: Int, received: Int, by pipe: Pipe?) {
        orders.traffic.count(sent: sent, received: received)
        if let pipe { relays[ObjectIdentifier(pipe)]?.traffic.count(sent: sent, received: received) }
    }

    override func noteRoundTrip(_ time: Duration, by pipe: Pipe?) {
        if let pipe { relays[ObjectIdentifier(pipe)]?.traffic.noteRoundTrip(time) }
    }

    override func countReconnect() { orders.traffic.countReconnect() }
}

/// The socket's side of an outpost.
protocol OutpostHome: AnyObject {
    /// A peer has shaken hands. It is served by what is joined to the junction.
    func outpostHasPeer(
        _ junction: Junction,
        _ peer: Peer,
        name: String,
        traffic: OutpostTraffic,
        on handle: ReactorHandle
    )

    func outpostReports(_ event: SocketEvent)

    /// Nothing is left of the outpost.
    func outpostFinished()
}
