import ZMQReactor
import ZMQReactorTesting

extension World {
    /// Mends everything, and lets arrive what is queued.
    func heal() {
        trace.add("all is mended")
        isSpeaking = false
        isRefusing = false
        island = []
        scene.network.delay = .microseconds(100)
        for program in programs {
            for loop in program.loops { loop.isAsleep = false }
            for node in program.nodes { (node.party?.socket as? any ReceivingSocket)?.resume() }
            program.relay?.proxy?.resume()
            start(program)
        }
        for node in nodes where node.isSpare { close(node, thenStartAfter: .zero) }
        for connection in scene.network.connections {
            connection.isStalled = false
            connection.delay = .microseconds(100)
        }
        scene.network.answerAgain()
        run(for: .seconds(40))
        for node in nodes where !node.isSpare && node.party?.isAlive != true {
            ledger.report("\(node.name) is not back: \(node.party.map { "\($0.end)" } ?? "it does not run")")
        }
    }

    // MARK: The last round

    /// Everything works now: each node sends some messages, one by one, which must get to all that want them.
    func lastRound() {
        for topic in ["a0", "b1", "c2", "d2"] {
            trace.add("last round: \(topic)")
            for node in nodes where node.role.speaks && !node.isProxied {
                sayLast(about: topic, node)
                // Not two at a time, for which there may be no room in a proxy.
                run(for: .milliseconds(500))
            }
        }
    }

    private func sayLast(about topic: String, _ node: Node) {
        let reached = reached(from: node)
        guard let party = node.party, party.isAlive, node.role != .xsub, !reached.isEmpty else { return }
        var audience = node.isMisunderstood ? Facts.Audience.any : .someone
        if node.role.fansOut {
            audience = .all(reached.filter { $0.wants(topic) }.map(\.number))
        }
        if !party.say(about: topic, to: audience) {
            ledger.report("\(party.name) cannot send in the last round")
        }
    }

    /// What the node's messages may get to.
    private func reached(from node: Node) -> [Party] {
        let near = nodes.filter { $0 !== node && $0.isJoined(with: node) }
        let reached = near.flatMap { near -> [Node] in
            guard near.isProxied, let relay = near.program.relay else { return [near] }
            let other = relay.front === near ? relay.back : relay.front
            return nodes.filter { $0 !== other && $0.isJoined(with: other) }
        }
        return reached.compactMap(\.party).filter(\.isAlive)
    }

    // MARK: The end

    /// Closes everything, and returns what is left behind.
    func close() -> Remains {
        for node in nodes { node.party?.close() }
        run(for: .seconds(60))
        for node in nodes {
            switch node.party?.end {
            case .closed(let unsent):
                if unsent > 0 { ledger.report("\(node.name) closes with \(unsent) unsent messages") }
            case nil: break
            case let end?: ledger.report("\(node.name) does not close: \(end)")
            }
        }
        for program in programs { program.end() }
        do throws(TestFailure) { try scene.close() } catch { ledger.report("\(error)") }
        return leftovers.count(in: scene)
    }
}

extension Party {
    /// Whether it is subscribed to what is published under the topic.
    fileprivate func wants(_ topic: String) -> Bool {
        topics.contains { role == .dish ? topic == $0 : topic.hasPrefix($0) }
    }
}
