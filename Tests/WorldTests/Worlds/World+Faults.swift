import ZMQReactor
import ZMQReactorTesting

extension World {
    /// Has faults come at random times until the duration is over.
    func scheduleFaults(until duration: Duration, count: Int) {
        let microseconds = Int(duration / .microseconds(1))
        for _ in 0..<count {
            scene.reactor.after(.microseconds(random.below(microseconds))) { [unowned self] _ in
                guard isSpeaking else { return }
                switch random.below(3) {
                case 0: breakNetwork()
                case 1: disturbProgram()
                default: changeNode()
                }
            }
        }
    }

    func anyNode() -> Node {
        let nodes = nodes
        return nodes[random.below(nodes.count)]
    }

    private func anyConnection() -> MemoryConnection? {
        let all = scene.network.connections
        return all.isEmpty ? nil : all[random.below(all.count)]
    }

    func shortly(_ limit: Int = 3000) -> Duration { .milliseconds(1 + random.below(limit)) }

    func later(_ body: @escaping () -> Void) { scene.reactor.after(shortly()) { _ in body() } }

    // MARK: The network

    private func breakNetwork() {
        switch random.below(7) {
        case 0:
            trace.add("a connection breaks")
            anyConnection()?.reset()
        case 1:
            guard let connection = anyConnection() else { return }
            let direction = random.below(2) == 0 ? connection.forward : connection.backward
            trace.add("a direction stalls")
            direction.isStalled = true
            later { [unowned self] in if island.isEmpty { direction.isStalled = false } }
        case 2:
            anyConnection()?.delay = .microseconds(random.below(200_000))
        case 3:
            guard let connection = anyConnection() else { return }
            connection.forward.split = .random(upTo: 1 + random.below(100))
            connection.backward.split = .atMost(1 + random.below(100))
        case 4:
            scene.network.capacity = 64 + random.below(random.below(2) == 0 ? 300 : 100_000)
            scene.network.split = random.below(2) == 0 ? .none : .random(upTo: 1 + random.below(1000))
        case 5:
            trace.add("attempts are refused")
            isRefusing = true
            later { [unowned self] in isRefusing = false }
        default: part()
        }
    }

    /// Some programs cannot reach the others for a while.
    private func part() {
        guard island.isEmpty else { return }
        trace.add("the network parts")
        island = Set(programs.filter { _ in random.below(2) == 0 }.map { ObjectIdentifier($0) })
        let links = ledger.links.filter { $0.connection.isOpen && isCut($0.near.node, $0.far.node) }
        for link in links { link.connection.isStalled = true }
        later { [unowned self] in
            trace.add("the network is whole")
            island = []
            for link in ledger.links where link.connection.isOpen { link.connection.isStalled = false }
            scene.network.answerAgain()
        }
    }

    // MARK: Programs

    private func disturbProgram() {
        let node = anyNode()
        switch random.below(7) {
        case 0, 1:
            trace.add("\(node.name) sleeps")
            node.loop.isAsleep = true
            later { node.loop.isAsleep = false }
        case 2:
            // Of a program with two loops, perhaps only one.
            if node.program.loops.count > 1, random.below(2) == 0 {
                trace.add("a loop of \(node.program.name) ends")
                node.program.end(node.loop)
            } else {
                kill(node.program)
            }
            later { [unowned self] in
                if node.program.loops.contains(where: { $0.reactor == nil }) { node.program.end() }
                start(node.program)
            }
        case 3: close(node, thenStartAfter: shortly(500))
        case 4: close(node.program, thenStartAfter: shortly(500))
        case 5: terminate(node.program, thenStartAfter: shortly(500))
        default:
            if let relay = node.program.relay, node.isProxied { return disturb(relay) }
            guard let socket = node.party?.socket as? any ReceivingSocket, !(socket is ReqSocket) else { return }
            socket.pause()
            later { [weak socket] in if let socket, !socket.isClosed { socket.resume() } }
        }
    }

    private func disturb(_ relay: Relay) {
        if random.below(2) == 0 {
            trace.add("a proxy pauses")
            relay.proxy?.pause()
            later { relay.proxy?.resume() }
        } else {
            trace.add("a proxy stops")
            relay.stop()
            later { [unowned self] in begin(relay) }
        }
    }

    private func begin(_ relay: Relay) {
        do { try relay.begin() } catch { ledger.report("a proxy cannot begin: \(error)") }
    }
}
