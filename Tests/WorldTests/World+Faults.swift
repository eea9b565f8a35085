import ZMQReactor
import ZMQReactorTesting

extension World {
    /// Has faults come at random times until the duration is over.
    func scheduleFaults(until duration: Duration, count: Int) {
        let microseconds = Int(duration / .microseconds(1))
        for _ in 0..<count {
            scene.reactor.after(.microseconds(random.below(microseconds))) { [unowned self] _ in
                if isSpeaking { makeFault() }
            }
        }
    }

    private func anyNode() -> Node { nodes[random.below(nodes.count)] }

    private func anyConnection() -> MemoryConnection? {
        let all = scene.network.connections
        return all.isEmpty ? nil : all[random.below(all.count)]
    }

    private func shortly(_ limit: Int = 3000) -> Duration { .milliseconds(1 + random.below(limit)) }

    private func later(_ body: @escaping () -> Void) { scene.reactor.after(shortly()) { _ in body() } }

    private func makeFault() {
        switch random.below(12) {
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
        case 6: part()
        case 7, 8:
            let node = anyNode()
            trace.add("\(node.name) sleeps")
            node.isAsleep = true
            later { node.isAsleep = false }
        case 9:
            let node = anyNode()
            kill(node)
            later { [unowned self] in start(node) }
        case 10: close(anyNode(), thenStartAfter: shortly(500))
        default:
            guard let socket = anyNode().party?.socket as? any ReceivingSocket, !(socket is ReqSocket) else { return }
            socket.pause()
            later { [weak socket] in if let socket, !socket.isClosed { socket.resume() } }
        }
    }

    /// Some nodes cannot reach the others for a while.
    private func part() {
        guard island.isEmpty else { return }
        trace.add("the network parts")
        island = Set(nodes.filter { _ in random.below(2) == 0 }.map { ObjectIdentifier($0) })
        let links = ledger.links.filter { $0.connection.isOpen && isCut($0.near.node, $0.far.node) }
        for link in links { link.connection.isStalled = true }
        later { [unowned self] in
            trace.add("the network is whole")
            island = []
            for link in ledger.links where link.connection.isOpen { link.connection.isStalled = false }
            scene.network.answerAgain()
        }
    }
}
