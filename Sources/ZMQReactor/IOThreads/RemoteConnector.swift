import EventReactor
import ZMTP

/// Keeps the pipe to a peer whose connection lives at an outpost. What the outpost could not send comes back here, to leave by the next
/// connection.
final class RemoteConnector: RemoteTransport, Connector {
    private let transport: any StreamTransport
    private var pipe: Pipe?
    private var link: LaneLink?
    private var traffic: OutpostTraffic?
    private var lingerTimer: ReactorTimer?
    private var completions: [(CloseReport) -> Void] = []
    private(set) var isClosing = false
    /// Whether what cannot be sent at once is given up.
    private var givesUp = false
    private(set) var isClosed = false

    init(_ transport: any StreamTransport, of socket: Socket, at place: IOThreads.Place) {
        self.transport = transport
        super.init(transport.endpoint, of: socket, at: place)
        if !options.isImmediate { addPipe() }
    }

    @discardableResult
    private func addPipe() -> Pipe {
        let pipe = Pipe(of: socket, endpoint: endpoint, options: pipeOptions, isPersistent: !options.isImmediate)
        self.pipe = pipe
        socket.add(pipe)
        return pipe
    }

    func start() {
        let transport = transport
        establish(for: self) { $0.connect(with: transport) }
    }

    var unsentMessages: Int {
        link?.refreshRoom()
        return pipe?.unsentCount ?? 0
    }

    func serves(_ pipe: Pipe) -> Bool { pipe === self.pipe }

    var connectionInfo: [ConnectionInfo] {
        guard let link else { return handshakeInfo(isAccepted: false) }
        link.refreshRoom()
        return [
            ConnectionInfo(
                of: pipe,
                endpoint: endpoint,
                peer: link.peerName,
                isAccepted: false,
                bytes: traffic?.bytes ?? (0, 0),
                roundTrip: traffic?.roundTrip,
                messagesSent: traffic?.messages
            )
        ]
    }

    func close(afterSending: Bool) {
        guard !isClosed else { return }
        isClosing = true
        if !afterSending { givesUp = true }
        if socket.state == .open { pipe?.takeNoMore() }
        if let link { return link.close(afterSending: afterSending) }
        if afterSending, unsentMessages > 0 { return }  // until there is a connection
        finish()
    }

    func disconnect(_ completion: @escaping (CloseReport) -> Void) {
        completions.append(completion)
        let isInVain = options.linger == .none || (link == nil && options.reconnectStop.contains(.afterDisconnect))
        if case .atMost(let limit) = options.linger, !isInVain {
            lingerTimer = socket.reactor.after(limit) { [unowned self] _ in close(afterSending: false) }
        }
        close(afterSending: !isInVain)
    }

    private func finish() {
        guard !isClosed else { return }
        isClosed = true
        lingerTimer?.cancel()
        command { $0.stopConnecting() }
        reportUnsent()
        if let pipe { socket.remove(pipe) }
        socket.emit(.closed(endpoint: "\(endpoint)"))
        socket.transportChanged()
    }

    /// Whoever has disconnected hears what was not sent, which is dropped: it is nobody else's.
    private func reportUnsent() {
        guard !completions.isEmpty else { return }
        let report = CloseReport(unsentMessages: unsentMessages)
        socket.drop(report.unsentMessages, .lingerExpired)
        pipe?.outbound.removeAll()
        socket.reactor.after(.zero) { [completions] _ in for completion in completions { completion(report) } }
    }
}

extension RemoteConnector: OutpostHome {
    func outpostHasPeer(
        _ junction: Junction,
        _ peer: Peer,
        name: String,
        traffic: OutpostTraffic,
        on handle: ReactorHandle
    ) {
        // The end of the connection before may not have been noticed yet.
        link?.takeNow()
        guard !isClosed, link == nil else { return junction.refuse(.connector, wake: handle) }
        if let reason = socket.refusal(of: peer, for: self.pipe) {
            return refuse(junction, peer, name: name, because: reason, on: handle)
        }
        noteAcceptance(of: peer, name: name)
        // The application may have closed the socket.
        guard !isClosed, link == nil else { return junction.refuse(.connector, wake: handle) }
        let pipe = options.isImmediate && !isClosing ? addPipe() : self.pipe
        guard let pipe else { return junction.refuse(.connector, wake: handle) }
        let link = link(pipe, peer, junction, name: name, on: handle, owner: self)
        self.link = link
        self.traffic = traffic
        link.start(with: peer)
        if isClosing, !link.isEnded { link.close(afterSending: true) }
    }

    func outpostReports(_ event: SocketEvent) {
        guard !isClosed else { return }
        note(event)
        socket.emit(event)
    }

    func outpostFinished() {
        finished()
        link?.takeNow()
        finish()
    }
}

extension RemoteConnector: LaneLinkOwner {
    func linkEnded(_ link: LaneLink) {
        self.link = nil
        socket.emit(.disconnected(endpoint: "\(endpoint)", peer: link.peerName, reason: link.reasonOfEnd))
        if options.isImmediate { pipe = nil }
        if isClosing, givesUp || unsentMessages == 0 { finish() }
    }
}
