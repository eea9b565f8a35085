import EventReactor
import ZMTP

/// Each peer is addressed by a generated number, and stays a peer of raw bytes until it is hung up on.
final class RawPeers: AddressedPeers {
    /// Whether a message for a peer that is not connected is an error.
    var isMandatory = false

    /// Whether an empty message is delivered for each peer that connects or disconnects.
    var deliversNotices = true

    private(set) var table = RoutingTable()
    /// Timers that close the connections that were hung up on.
    private var hangUps: [ObjectIdentifier: ReactorTimer] = [:]

    // MARK: Sending

    /// The peer with a routing id; nil if there is none, and the message for it is dropped.
    func peer(_ routingID: Frame, of host: some PatternHost) throws(ZMQError) -> Pipe? {
        try host.requireOpen()
        if let pipe = table[routingID] { return pipe }
        guard !isMandatory else { throw ZMQError(.hostUnreachable, "no peer has the routing id \(routingID)") }
        host.drop(1, .noSuchPeer)
        return nil
    }

    /// Sends nothing more to the peer, and receives nothing more from it. When its time is over, `end` is called.
    func hangUp(on pipe: Pipe, within limit: Duration?, of host: some PatternHost, _ end: @escaping () -> Void) {
        guard let limit, pipe.slot >= 0 else { return }
        // Not within this call, which may come from the handler to which the end is reported.
        hangUps[ObjectIdentifier(pipe)] = host.reactor.after(limit) { _ in end() }
    }

    func retire(_ pipe: Pipe) { table.retire(pipe) }

    // MARK: Peers

    func pipeAdded(_ pipe: Pipe, at host: any PatternHost) { table.add(pipe) }

    func pipeUp(_ pipe: Pipe, at host: any PatternHost) { notice(of: pipe, at: host) }

    func peerHalfClosed(_ pipe: Pipe) { pipe.link?.close(afterSending: true) }

    func pipeDown(_ pipe: Pipe, at host: any PatternHost) {
        host.drop(pipe.outbound.count, .peerGone)
        pipe.outbound.removeAll()
        notice(of: pipe, at: host)
    }

    private func notice(of pipe: Pipe, at host: any PatternHost) {
        guard deliversNotices, host.state == .open, let id = table.id(of: pipe) else { return }
        host.hand(MessageBatch(Message(frames: [id, Frame()])), from: pipe)
    }

    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost) {
        table.remove(pipe)
        hangUps.removeValue(forKey: ObjectIdentifier(pipe))?.cancel()
        // A send that waits for a peer that is gone can be tried again: it fails, or is dropped.
        pipeBecameWritable(pipe, at: host)
    }
}
