import EventReactor
import ZMTP

/// A bound endpoint whose connections live at an outpost.
final class RemoteListener: RemoteTransport, Listener {
    private struct Member {
        let link: LaneLink
        let pipe: Pipe
        let traffic: OutpostTraffic
    }

    private var members: [ObjectIdentifier: Member] = [:]
    private(set) var isListening = true

    init(
        _ transport: any StreamTransport,
        of socket: Socket,
        on listening: ListeningDescriptor,
        at place: IOThreads.Place
    ) {
        super.init(listening.endpoint, of: socket, at: place)
        establish(for: self) { $0.listen(on: listening, with: transport) }
    }

    /// While the outpost goes on there may be connections that have not shown themselves.
    var connectionCount: Int { isFinished ? 0 : max(members.count, isListening ? 0 : 1) }

    var unsentMessages: Int {
        members.values.reduce(0) {
            $1.link.refreshRoom()
            return $0 + $1.pipe.unsentCount
        }
    }

    var connectionInfo: [ConnectionInfo] {
        members.values.map {
            $0.link.refreshRoom()
            return ConnectionInfo(
                of: $0.pipe,
                endpoint: endpoint,
                peer: $0.link.peerName,
                isAccepted: true,
                bytes: $0.traffic.bytes,
                roundTrip: $0.traffic.roundTrip,
                messagesSent: $0.traffic.messages
            )
        } + handshakeInfo(isAccepted: true)
    }

    func stopListening() {
        guard isListening else { return }
        isListening = false
        // The endpoint is free when this returns.
        command(waiting: true) { $0.stopListening() }
        socket.emit(.closed(endpoint: "\(endpoint)"))
    }

    func closeConnections(afterSending: Bool) {
        for member in members.values { member.link.close(afterSending: afterSending) }
        command { $0.closeConnections(all: !afterSending) }
    }

    func tellRefusal(_ reason: String?) { command { $0.refuse(reason) } }
}

extension RemoteListener: OutpostHome {
    func outpostHasPeer(
        _ junction: Junction,
        _ peer: Peer,
        name: String,
        traffic: OutpostTraffic,
        on handle: ReactorHandle
    ) {
        // A connection that has just ended may not have been noticed yet.
        if refusal(of: peer) != nil { for member in members.values { member.link.takeNow() } }
        if socket.state == .open, let reason = refusal(of: peer) {
            return refuse(junction, peer, name: name, because: reason, on: handle)
        }
        if socket.state == .open { noteAcceptance(of: peer, name: name) }
        // The application may have closed the socket.
        guard socket.state == .open, refusal(of: peer) == nil else {
            return junction.refuse(.connector, wake: handle)
        }
        let pipe = Pipe(of: socket, endpoint: endpoint, options: pipeOptions, isPersistent: false)
        let link = link(pipe, peer, junction, name: name, on: handle, owner: self)
        members[ObjectIdentifier(link)] = Member(link: link, pipe: pipe, traffic: traffic)
        socket.add(pipe)
        link.start(with: peer)
    }

    private func refusal(of peer: Peer) -> String? { socket.refusalOfPeers ?? socket.refusal(of: peer, for: nil) }

    func outpostReports(_ event: SocketEvent) {
        note(event)
        socket.emit(event)
    }

    func outpostFinished() {
        finished()
        socket.transportChanged()
    }
}

extension RemoteListener: LaneLinkOwner {
    func linkEnded(_ link: LaneLink) {
        guard members.removeValue(forKey: ObjectIdentifier(link)) != nil else { return }
        socket.emit(.disconnected(endpoint: "\(endpoint)", peer: link.peerName, reason: link.reasonOfEnd))
        socket.transportChanged()
    }
}
