import ZMQReactor
import ZMQReactorTesting

// What an application changes while its messages are under way.
extension World {
    func changeNode() {
        let node = anyNode()
        guard let party = node.party, party.isAlive else { return }
        do { try change(node, party) } catch { ledger.report("\(party.name) cannot change: \(error)") }
    }

    private func change(_ node: Node, _ party: Party) throws {
        switch party.socket {
        case is SubscribingSocket where !node.isProxied && random.below(2) == 0:
            changeSubscriptions(of: party)
        case is DishSocket where !node.isProxied && random.below(2) == 0: changeSubscriptions(of: party)
        case let router as RouterSocket where random.below(2) == 0:
            node.isMandatory.toggle()
            router.isMandatory = node.isMandatory
        case let stream as StreamSocket where random.below(2) == 0: try hangUp(stream, of: party)
        default:
            if let endpoint = node.binds.first { try unbind(party, from: endpoint) } else { try disconnect(party) }
        }
    }

    private func changeSubscriptions(of party: Party) {
        do {
            if random.below(2) == 0, let topic = party.topics.first {
                trace.add("\(party.name) unsubscribes from \(topic)")
                try party.unsubscribe(from: topic)
            } else {
                let topics = party.role == .dish ? Self.topics : ["", "a", "b", "c", "a0", "d2"]
                let topic = topics[random.below(topics.count)]
                trace.add("\(party.name) subscribes to \(topic)")
                try party.subscribe(to: topic)
            }
        } catch { ledger.report("\(party.name) cannot change its subscriptions: \(error)") }
    }

    private func unbind(_ party: Party, from endpoint: String) throws {
        guard party.away.insert(endpoint).inserted else { return }
        trace.add("\(party.name) unbinds")
        try party.unbind(from: endpoint)
        later { [unowned self] in
            party.away.remove(endpoint)
            do { try party.bind(to: endpoint) } catch { ledger.report("\(party.name) cannot bind: \(error)") }
        }
    }

    private func disconnect(_ party: Party) throws {
        let endpoints = party.node.connects
        let endpoint = endpoints[random.below(endpoints.count)]
        guard party.away.insert(endpoint).inserted else { return }
        trace.add("\(party.name) disconnects")
        try party.disconnect(from: endpoint)
        later { [unowned self] in connect(party, to: endpoint) }
    }

    private func connect(_ party: Party, to endpoint: String) {
        do {
            try party.connect(to: endpoint)
            party.away.remove(endpoint)
        } catch let error as ZMQError where error.code == .wrongState {
            // A PAIR that lingers still has its peer.
            later { [unowned self] in connect(party, to: endpoint) }
        } catch {
            ledger.report("\(party.name) cannot connect: \(error)")
        }
    }

    /// Peers that have connected to the socket connect again.
    private func hangUp(_ stream: StreamSocket, of party: Party) throws {
        guard !party.node.binds.isEmpty, let index = party.streams.firstIndex(where: { !$0.isHungUp }) else { return }
        trace.add("\(party.name) hangs up")
        party.hasHungUp = true
        party.streams[index].isHungUp = true
        try stream.hangUp(on: party.streams[index].id)
    }
}
