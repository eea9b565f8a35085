import ZMTP

/// Each peer is addressed by a name: its own, a generated one (RTR-6, RTR-7), or one that the application gives to an
/// endpoint. Messages queued under a name go to no other peer.
final class IdentityRouter: AddressedPeers {
    /// Whether a message that cannot be routed is an error instead of being dropped.
    var isMandatory = false

    /// Whether a peer with the routing id of another one replaces it.
    var allowsHandover = false

    /// Whether a routing id must belong to its peer's user.
    var bindsRoutingIDsToUsers = false

    /// Whether each new peer is sent an empty message.
    var probesPeers = false

    /// The name of the pipe that is made next.
    var nextGivenID: Frame?

    /// Called when a peer has connected, and when one has disconnected.
    var whenConnected: ((RouterPeer) -> Void)?
    var whenDisconnected: ((RouterPeer) -> Void)?

    /// No foreign code runs while it is accessed.
    @exclusivity(unchecked) private var peers: [RoutingID: Pipe] = [:]

    /// The names given to outgoing connections, by pipe.
    private var givenIDs: [ObjectIdentifier: Frame] = [:]
    /// The connected peers, by pipe, for `whenDisconnected`.
    private var connected: [ObjectIdentifier: RouterPeer] = [:]
    private var lastPeers = LastPeers()
    private var nextNumber = UInt32.random(in: .min ... .max)

    // MARK: Sending

    /// Sends a message whose first frame is the routing id.
    @inline(__always)
    func send(_ message: Message, from host: some PatternHost) throws(ZMQError) -> SendResult {
        try host.requireOpen()
        let id = message.withUnsafeBytes { RoutingID($0) }
        guard let body = message.dropFirst() else {
            // A routing id without a message is malformed.
            host.notifyDropped(1, .malformed)
            return .accepted
        }
        return try route(body, to: id, from: host)
    }

    func send(_ body: Message, to id: RoutingID, from host: some PatternHost) throws(ZMQError) -> SendResult {
        try host.requireOpen()
        return try route(body, to: id, from: host)
    }

    @inline(__always)
    private func route(_ body: Message, to id: RoutingID, from host: some PatternHost) throws(ZMQError) -> SendResult {
        guard let pipe = peers[id] else {
            guard !isMandatory else { throw ZMQError(.hostUnreachable, "no peer has this routing id") }
            host.notifyDropped(1, .noSuchPeer)
            return .accepted
        }
        guard isMandatory || pipe.canSend else {
            host.notifyDropped(1, .queueFull)
            return .accepted
        }
        return queue(body, for: pipe, from: host)
    }

    // MARK: Names

    /// The peer with a routing id; nil if there is none.
    subscript(id: Frame) -> Pipe? { peers[RoutingID(id)] }

    private func name(_ pipe: Pipe, _ id: Frame) {
        pipe.routingPrefix = [FrameHeader.more, UInt8(id.count)] + id
        peers[RoutingID(id)] = pipe
    }

    /// Messages that have arrived from a peer keep its id; no more are sent to it.
    private func unmap(_ pipe: Pipe) { if isMapped(pipe) { peers[RoutingID(id(of: pipe))] = nil } }

    private func isMapped(_ pipe: Pipe) -> Bool { !pipe.routingPrefix.isEmpty && self[id(of: pipe)] === pipe }

    private func isGiven(_ pipe: Pipe) -> Bool { givenIDs[ObjectIdentifier(pipe)] != nil }

    private func id(of pipe: Pipe) -> Frame { Frame(pipe.routingPrefix.dropFirst(2)) }

    private func inventedID() -> Frame {
        while true {
            defer { nextNumber &+= 1 }
            let id = Frame([0] + (0..<4).map { UInt8(truncatingIfNeeded: nextNumber >> (24 - 8 * $0)) })
            if self[id] == nil { return id }
        }
    }

    // MARK: Peers

    func pipeAdded(_ pipe: Pipe, at host: any PatternHost) {
        guard let id = nextGivenID else { return }
        givenIDs[ObjectIdentifier(pipe)] = id
        name(pipe, id)
    }

    func pipeUp(_ pipe: Pipe, at host: any PatternHost) {
        if !isGiven(pipe) {
            let own = Frame(pipe.peer?.identity ?? [])
            unmap(pipe)
            if !own.isEmpty, let other = self[own] {
                // The application may have given the id to another peer since the handshake.
                if let refusal = refusal(of: own, for: pipe) { return pipe.link?.reject(refusal) ?? () }
                makeWay(for: pipe, with: own, instead: other)
            }
            name(pipe, own.isEmpty ? inventedID() : own)
        }
        if probesPeers { pipe.probe() }
        let peer = RouterPeer(routingID: id(of: pipe), pipe)
        connected[ObjectIdentifier(pipe)] = peer
        whenConnected?(peer)
    }

    /// A peer takes the name of another one, which was lost or is being replaced.
    private func makeWay(for pipe: Pipe, with id: Frame, instead other: Pipe) {
        if other.isPersistent, other.peer == nil {
            unmap(other)
            moveQueue(of: other, to: pipe)
        } else if other.isPersistent {
            // An outgoing connection would reconnect and take the name again.
            unmap(other)
            name(other, inventedID())
        } else {
            other.link?.reject("another peer has taken over the routing id \(id)")
            unmap(other)
        }
    }

    /// Messages queued for a lost peer are for it wherever it reconnects.
    private func moveQueue(of lost: Pipe, to pipe: Pipe) {
        for batch in lost.outbound.takeBatches() { pipe.outbound.append(batch) }
        guard lost.hasBlockedSender else { return }
        (lost.hasBlockedSender, pipe.hasBlockedSender) = (false, true)
    }

    /// The name of one peer is not given to a second one, unless it is handed over.
    func refusal(of peer: Peer, for pipe: Pipe?) -> String? {
        guard !peer.identity.isEmpty, pipe.map({ !isGiven($0) }) ?? true else { return nil }
        guard !bindsRoutingIDsToUsers || Self.belongs(peer.identity, to: peer.acceptance?.userID) else {
            let user = peer.acceptance?.userID.escaped ?? ""
            return "the routing id \(Frame(peer.identity)) does not belong to the user '\(user)'"
        }
        return refusal(of: Frame(peer.identity), for: pipe)
    }

    /// Whether a routing id is a user id, or one with a slash and anything behind it.
    private static func belongs(_ id: [UInt8], to user: String?) -> Bool {
        guard let user, !user.isEmpty, id.starts(with: user.utf8) else { return false }
        return id.count == user.utf8.count || id[user.utf8.count] == UInt8(ascii: "/")
    }

    private func refusal(of id: Frame, for pipe: Pipe?) -> String? {
        guard let other = self[id], other !== pipe else { return nil }
        // A generated id cannot be taken over: it is easily guessed.
        let isInvented = other.peer?.identity.isEmpty == true
        // A lost peer may reconnect on another connection.
        if !isGiven(other), !isInvented, allowsHandover || other.peer == nil { return nil }
        return "another peer has the routing id \(id)"
    }

    func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool {
        guard lastPeers.meet(peer, at: pipe) else { return false }
        part(pipe)
        return true
    }

    /// Messages queued under the name of a peer are for that peer alone; under a given name, for the endpoint.
    private func part(_ pipe: Pipe) {
        guard !isGiven(pipe) else { return }
        unmap(pipe)
        pipe.part()
    }

    func pipeDown(_ pipe: Pipe, at host: any PatternHost) {
        // A generated name ends with its peer's connection.
        if lastPeers.isUnnamed(pipe) { part(pipe) }
        // A rejected peer was never reported as connected.
        guard let peer = connected.removeValue(forKey: ObjectIdentifier(pipe)) else { return }
        if !pipe.isPersistent { unmap(pipe) }
        whenDisconnected?(peer)
    }

    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost) {
        unmap(pipe)
        givenIDs[ObjectIdentifier(pipe)] = nil
        lastPeers.forget(pipe)
        // A send that waits for a peer that is gone can be tried again: it fails, or is dropped.
        pipeBecameWritable(pipe, at: host)
    }
}
