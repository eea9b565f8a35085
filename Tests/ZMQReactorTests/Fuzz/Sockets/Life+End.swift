import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

// What is wrong in the end.
extension Life {
    /// The peers take everything and go. Returns what is wrong with what has been delivered, or is left.
    func end() -> String? {
        target.whenCalled = nil
        for peer in target.peers { peer.goOn() }
        (target.socket as? any ReceivingSocket)?.resume()
        target.finish()
        target.finishSlowly()
        let isOver = isBroken || !target.ends.isEmpty || target.peers.count != 1
        if let fault = target.leave() { return fault }
        // What it sends to itself is not known.
        if !target.isOwnPeer, let fault = wrongInput ?? wrongOutput(isOver: isOver) { return fault }
        return target.close()
    }

    private var wrongInput: String? {
        let peers = target.peers
        guard target.type != .stream else {
            guard peers.count == 1 else { return nil }
            let received = target.received.joined().flatMap(\.self)
            return peers[0].sent.starts(with: received) ? nil : "received other bytes than were sent: \(received)"
        }
        let readers = peers.map { WireReader($0.sent, takesSubscriptions: target.type.takesSubscriptions) }
        return ExpectedMessages.of(target.type, readers).fault(in: target.received)
    }

    private func wrongOutput(isOver: Bool) -> String? {
        let type = target.type
        guard type != .stream else { return nil }
        var written: [[[UInt8]]] = []
        for peer in target.peers {
            guard let version = peer.version, version > .v2_0 || target.socket.options.acceptsLegacyPeers else {
                return nil
            }
            let reader = WireReader(peer.received, version: version)
            if let fault = reader.fault, !fault.hasPrefix("ERROR") { return "peer \(peer.number) gets \(fault)" }
            let messages = reader.messages.compactMap { ExpectedMessages.body(of: $0, from: type) }
                .filter { !TargetHandler.uncounted.contains($0) }
            if let fault = ownMessages.fault(in: messages) { return "peer \(peer.number) gets \(fault)" }
            written += messages
        }
        guard [.push, .pair, .dealer].contains(type) else { return nil }
        var seen: Set<[[UInt8]]> = []
        for message in written where !seen.insert(message).inserted { return "two peers get \(message)" }
        return isOver || target.socket.options.isConflating || written.count == target.sent.count
            ? nil : "\(target.sent.count) messages were sent, and \(written.count) have come: \(target.state)"
    }

    private var ownMessages: SentMessages {
        var own = SentMessages()
        // PSH-11: the messages of a peer that is gone go to others, behind theirs.
        let keepsOrder = target.type != .push || target.peers.count == 1
        for (number, message) in target.sent.enumerated() { own.add(message, from: keepsOrder ? 0 : number) }
        return own
    }
}
