import ZMQReactor
import ZMQReactorTesting

extension Party {
    /// Returns whether the message was accepted.
    @discardableResult
    func send(
        behind prefix: [[UInt8]] = [],
        copies: Int = 1,
        to audience: Facts.Audience = .any,
        _ send: (Message) throws -> SendResult
    ) -> Bool {
        let message = Payload.message(world.ledger.nextNumber, behind: prefix, isOne: role.hasOneFrame)
        return self.send(message, copies: copies, to: audience, send)
    }

    private func send(
        _ message: Message,
        copies: Int,
        to audience: Facts.Audience,
        _ send: (Message) throws -> SendResult
    ) -> Bool {
        let number = world.ledger.nextNumber
        do {
            guard try send(message) == .accepted else { return false }
        } catch let error as ZMQError
            where error.code == .hostUnreachable && (node.isMandatory || role.numbersPeers)
        {
            return false
        } catch {
            world.ledger.report("\(name) cannot send: \(error)")
            return false
        }
        world.trace.add("\(name) sent \(number)")
        world.ledger.sent(by: self, copies: copies, to: audience)
        return true
    }

    /// Says something to any peer, about anything.
    func sayOne() -> Bool {
        if role == .xsub, world.random.below(8) > 0 { return false }
        return say(about: World.topics[world.random.below(World.topics.count)], to: .any)
    }

    /// Sends one message, whose topic counts only for those that publish. Returns whether it was accepted.
    func say(about topic: String, to audience: Facts.Audience) -> Bool {
        switch socket {
        case let push as PushSocket: return send(to: audience) { try push.send($0) }
        case let dealer as DealerSocket: return send(to: audience) { try dealer.send($0) }
        case let pair as PairSocket: return send(to: audience) { try pair.send($0) }
        case let client as ClientSocket: return send(to: audience) { try client.send($0) }
        case let scatter as ScatterSocket: return send(to: audience) { try scatter.send($0) }
        case let channel as ChannelSocket: return send(to: audience) { try channel.send($0) }
        case let peer as PeerSocket:
            guard !peers.isEmpty else { return false }
            let id = peers[world.random.below(peers.count)]
            return send(behind: [Array(id)], to: audience) { try peer.send($0) }
        case let radio as RadioSocket:
            let copies = radio.memberCount(of: Frame(topic))
            return send(behind: [Array(topic.utf8)], copies: copies, to: audience) { try radio.send($0) }
        case let pub as PubSocket: return publish(topic, at: pub, to: audience) { try pub.send($0) }
        case let xpub as XPubSocket: return publish(topic, at: xpub, to: audience) { try xpub.send($0) }
        case let xsub as XSubSocket:
            // The topic keeps it from being a subscription.
            return send(behind: [Array(topic.utf8)], copies: xsub.peerCount) { try xsub.send($0) }
        case let req as ReqSocket: return !req.isWaiting && request(at: req, to: audience)
        case let stream as StreamSocket:
            let peers = streams.filter { !$0.isHungUp }
            guard !peers.isEmpty else { return false }
            let peer = peers[world.random.below(peers.count)].id
            let record = Payload.record(world.ledger.nextNumber)
            return send(Message(frames: [peer, Frame(record.span.bytes)]), copies: 1, to: audience) {
                try stream.send($0)
            }
        default: return false
        }
    }

    private func publish(
        _ topic: String,
        at publisher: PublishingSocket,
        to audience: Facts.Audience,
        _ send: (Message) throws -> SendResult
    ) -> Bool {
        self.send(behind: [Array(topic.utf8)], copies: publisher.subscriberCount(to: topic), to: audience, send)
    }

    private func request(at req: ReqSocket, to audience: Facts.Audience) -> Bool {
        let number = world.ledger.nextNumber
        return send(to: audience) { message in
            try req.request(message, timeout: .seconds(2)) { [unowned self] result in
                switch result {
                case .success(let reply): take(reply)
                case .failure(let error):
                    // A request that was refused has no entry.
                    if error.code != .wouldBlock { world.ledger.withdraw(number) }
                }
            }
        }
    }
}
