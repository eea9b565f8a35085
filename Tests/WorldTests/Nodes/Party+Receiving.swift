import ZMQReactor
import ZMQReactorTesting

extension Party {
    /// A message has arrived, whose first frames are not the payload's.
    func take(_ message: Message, behind count: Int = 0) {
        guard node.isWitness else { return take(Payload.read(message, behind: count)) }
        // A proxy also shows subscriptions, and frames that the payload stands behind.
        if let reading = Payload.read(atEndOf: message) { take(reading) }
    }

    private func take(_ reading: Payload.Reading) {
        switch reading {
        case .whole(let number):
            world.trace.add("\(name) got \(number)")
            world.ledger.received(number, by: self)
        case .torn(let text): world.ledger.report("torn: \(name) got \(text)")
        }
    }

    /// Replies to what a peer of a ROUTER has sent.
    func route(_ message: Message) {
        let isEnveloped = message.count > 2 && message[1].isEmpty
        take(message, behind: isEnveloped ? 2 : 1)
        guard world.isSpeaking || isEnveloped, let router = socket as? RouterSocket else { return }
        send(behind: [Array(message[0])] + (isEnveloped ? [[]] : [])) { try router.send($0) }
    }

    /// Replies to some of what a CLIENT has sent.
    func serve(_ message: Message) {
        take(message, behind: 1)
        guard world.isSpeaking, world.random.below(2) == 0, let server = socket as? ServerSocket else { return }
        send(behind: [Array(message[0])]) { try server.send($0) }
    }

    /// Replies to a request, now or somewhat later.
    func answer(_ request: Message, _ reply: Reply) {
        take(request)
        guard world.random.below(4) == 0 else { return answer(reply) }
        reactor?.after(.microseconds(world.random.below(100_000))) { [weak self] _ in
            if let self, isAlive { answer(reply) }
        }
    }

    private func answer(_ reply: Reply) {
        let number = world.ledger.nextNumber
        world.ledger.sent(by: self, copies: 1)
        reply.send(Payload.message(number))
    }

    /// Bytes of a STREAM's peer; without bytes, a peer comes or goes.
    func takeBytes(_ message: Message) {
        let (id, bytes) = (message[0], Array(message[1]))
        let index = streams.firstIndex { $0.id == id }
        if let index {
            guard !bytes.isEmpty else { return _ = streams.remove(at: index) }
            streams[index].rest += bytes
            for reading in Payload.takeRecords(&streams[index].rest) { take(reading) }
        } else if bytes.isEmpty {
            streams.append((id, [], false))
        } else {
            world.ledger.report("\(name) got \(bytes.count) bytes of a peer that is not there")
        }
    }
}
