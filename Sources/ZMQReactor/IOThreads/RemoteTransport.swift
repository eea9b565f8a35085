import EventReactor
import ZMTP

/// An endpoint of a socket whose connections live at an outpost: what listeners and connectors have in common then.
class RemoteTransport {
    let socket: Socket
    let options: SocketOptions
    let pipeOptions: Pipe.Options
    let endpoint: Endpoint
    private let place: IOThreads.Place
    private let key = LoopResources.nextKey()

    /// Whether nothing is left of the outpost.
    private(set) var isFinished = false

    /// How many connections to each peer still shake hands.
    private var handshakes: [String: Int] = [:]

    init(_ endpoint: Endpoint, of socket: Socket, at place: IOThreads.Place) {
        self.socket = socket
        self.endpoint = endpoint
        self.place = place
        options = socket.options
        pipeOptions = socket.pipeOptions
    }

    /// Sets the outpost up.
    func establish(for home: any OutpostHome, _ begin: @escaping @Sendable (Outpost) -> Void) {
        socket.loop.outpostHomes[key] = home
        var options = options
        // The queue that outlives connections is at home.
        options.isImmediate = true
        let orders = Outpost.Orders(
            key: key,
            home: socket.reactor.handle,
            context: socket.context,
            type: socket.type,
            identity: socket.identity,
            options: options,
            traffic: socket.outpostTraffic,
            admissions: socket.admissions,
            receiveBudget: socket.receiveBudget
        )
        let refusal = socket.refusalOfPeers
        place.handle.submitUnlimited { reactor in
            let outpost = Outpost(orders, on: reactor)
            outpost.refuse(refusal)
            begin(outpost)
        }
    }

    /// Has the outpost do something; whoever waits knows that it is done.
    func command(waiting: Bool = false, _ body: @escaping @Sendable (Outpost) -> Void) {
        guard !isFinished else { return }
        let key = key
        let work: ReactorHandle.Work = { reactor in
            if let outpost = LoopResources.of(reactor).outposts[key] { body(outpost) }
        }
        if waiting { place.handle.submitAndWait(work) } else { place.handle.submitUnlimited(work) }
    }

    /// Lets go of the outpost's place.
    func finished() {
        guard !isFinished else { return }
        isFinished = true
        socket.loop.outpostHomes[key] = nil
        socket.context.io.giveBack(place)
        socket.reactor.deferRelease(self)
    }

    /// Notes who shakes hands, by what the outpost reports.
    func note(_ event: SocketEvent) {
        switch event {
        case .accepted(_, let peer), .connected(_, let peer): handshakes[peer, default: 0] += 1
        // It was not accepted.
        case .handshakeFailed(_, _, let reason) where reason.limit?.refusesConnections == true: break
        case .handshakeSucceeded(_, let peer, _), .handshakeFailed(_, let peer, _):
            guard let count = handshakes[peer] else { return }
            handshakes[peer] = count > 1 ? count - 1 : nil
        default: break
        }
    }

    /// The connections that still shake hands. What has passed through them is not known here.
    func handshakeInfo(isAccepted: Bool) -> [ConnectionInfo] {
        handshakes.flatMap { peer, count in
            let info = ConnectionInfo(of: nil, endpoint: endpoint, peer: peer, isAccepted: isAccepted)
            return repeatElement(info, count: count)
        }
    }

    /// Tells the outpost, which may not have said its last word to a peer, that this one is not welcome.
    func refuse(_ junction: Junction, _ peer: Peer, name: String, because reason: String, on handle: ReactorHandle) {
        junction.refuse(.connector, .turnAway(.turnedAway(reason)), wake: handle)
        let event = SocketEvent.handshakeFailed(endpoint: "\(endpoint)", peer: name, reason: .turnedAway(reason))
        note(event)
        socket.emit(event)
    }

    /// Tells of a handshake that the outpost has left open.
    func noteAcceptance(of peer: Peer, name: String) {
        guard Outpost.awaitsAcceptance(of: peer, by: socket.type) else { return }
        let event = SocketEvent.handshakeSucceeded(endpoint: "\(endpoint)", peer: name, peerType: peer.socketType)
        note(event)
        socket.emit(event)
    }

    /// Joins a pipe with a peer at the outpost.
    func link(
        _ pipe: Pipe,
        _ peer: Peer,
        _ junction: Junction,
        name: String,
        on handle: ReactorHandle,
        owner: any LaneLinkOwner
    ) -> LaneLink {
        LaneLink(
            junction,
            .connector,
            pipe,
            to: .outpost,
            on: handle,
            peerName: name,
            tellsAcceptance: Outpost.awaitsAcceptance(of: peer, by: socket.type),
            owner: owner
        )
    }
}
