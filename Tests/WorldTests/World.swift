import ZMQReactor
import ZMQReactorTesting

/// Some tens of programs in virtual time that talk by all patterns over a network in memory, while lines are slow,
/// stall and break, and programs sleep, end, are killed and begin again. All of it follows from a seed.
///
/// In the end everything is mended, and what is queued arrives; then the books must balance, see `Books`.
final class World {
    let seed: UInt64
    let scene: TestScene
    let ledger = Ledger()
    let trace: Trace
    var random: SeededGenerator
    private(set) var nodes: [Node] = []
    /// Whether nodes send by themselves.
    private(set) var isSpeaking = true

    /// The sockets that live, by reactor.
    private var places: [ObjectIdentifier: Party] = [:]
    /// Whether attempts to connect are refused.
    var isRefusing = false
    /// The nodes on the one side of a partition.
    var island: Set<ObjectIdentifier> = []

    init(seed: UInt64, keepsLines: Bool = false) throws {
        self.seed = seed
        let scene = try TestScene(seed: seed)
        self.scene = scene
        random = SeededGenerator(seed: seed ^ 0x5EED)
        trace = Trace(keepsLines: keepsLines) { [unowned scene] in scene.elapsed }
        scene.network.keepsRecords = true
        scene.network.whenConnected = { [unowned self] in connected($0) }
        scene.network.onConnect = { [unowned self] in answer($0) }
    }

    deinit { scene.reactor.closeSockets() }

    // MARK: Nodes

    func add(_ node: Node) { nodes.append(node) }

    func start(_ node: Node) {
        guard node.party == nil else { return }
        do {
            let party = try Party(node, number: ledger.parties.count, in: self)
            node.party = party
        } catch {
            ledger.report("\(node.name) cannot start: \(error)")
        }
    }

    /// A party has its reactor.
    func place(_ party: Party, on reactor: Reactor) {
        ledger.add(party)
        places[ObjectIdentifier(reactor)] = party
        trace.add("\(party.name) starts")
    }

    func kill(_ node: Node) {
        guard let party = node.party else { return }
        if let reactor = party.reactor { places[ObjectIdentifier(reactor)] = nil }
        party.crash()
        node.party = nil
        node.isAsleep = false
    }

    func close(_ node: Node, thenStartAfter delay: Duration) {
        guard let party = node.party, party.isAlive else { return }
        party.close { [unowned self, unowned party] in
            // Not while the socket calls.
            scene.reactor.after(delay) { [unowned self] _ in
                if let reactor = party.reactor { places[ObjectIdentifier(reactor)] = nil }
                party.release()
                if node.party === party { node.party = nil }
                start(node)
            }
        }
    }

    // MARK: The network

    private func party(at id: ObjectIdentifier) -> Party? { places[id] }

    private func connected(_ connection: MemoryConnection) {
        guard let near = party(at: connection.reactors.connecting), let far = party(at: connection.reactors.listening)
        else { return ledger.report("a connection to \(connection.endpoint) of nothing") }
        ledger.add(connection, from: near, to: far)
        trace.add("\(near.name) and \(far.name) connect")
        if isCut(near.node, far.node) { connection.isStalled = true }
    }

    private func answer(_ attempt: MemoryNetwork.Attempt) -> MemoryNetwork.Answer {
        guard let near = party(at: ObjectIdentifier(attempt.reactor))?.node,
            let far = nodes.first(where: { $0.binds.contains(attempt.endpoint) })
        else { return .refused }
        if isCut(near, far) { return .none }
        return isRefusing ? .refused : .accepted
    }

    func isCut(_ near: Node, _ far: Node) -> Bool {
        island.contains(ObjectIdentifier(near)) != island.contains(ObjectIdentifier(far))
    }

    // MARK: Time

    /// Lets everything happen that does up to a time from now.
    func run(for duration: Duration) {
        let end = scene.clock.nanoseconds + Int64(duration / .nanoseconds(1))
        while step(upTo: end) {}
        scene.clock.advance(to: end)
    }

    /// Turns the reactors that have something to do, in any order, or lets time pass. Returns false at the end.
    private func step(upTo end: Int64) -> Bool {
        var awake = [scene.reactor]
        for node in nodes where !node.isAsleep { if let reactor = node.party?.reactor { awake.append(reactor) } }
        let busy = awake.filter(\.hasWork)
        if !busy.isEmpty {
            for reactor in busy.count == 1 ? busy : busy.shuffled(using: &random) { reactor.run(.nowait) }
            return true
        }
        guard let next = awake.compactMap(\.nextDeadline).min(), next <= end else { return false }
        scene.clock.advance(to: next)
        return true
    }

    // MARK: The end

    /// Mends everything, and lets arrive what is queued.
    func heal() {
        trace.add("all is mended")
        isSpeaking = false
        isRefusing = false
        island = []
        scene.network.delay = .microseconds(100)
        for node in nodes {
            node.isAsleep = false
            (node.party?.socket as? any ReceivingSocket)?.resume()
            start(node)
        }
        for connection in scene.network.connections {
            connection.isStalled = false
            connection.delay = .microseconds(100)
        }
        scene.network.answerAgain()
        run(for: .seconds(40))
    }

    /// Closes everything, and returns what is left behind.
    func close() {
        for node in nodes { node.party?.close() }
        run(for: .seconds(60))
        for node in nodes {
            switch node.party?.end {
            case .closed(let unsent):
                if unsent > 0 { ledger.report("\(node.name) closes with \(unsent) unsent messages") }
            case nil: break
            case let end?: ledger.report("\(node.name) does not close: \(end)")
            }
            node.party?.release()
            node.party = nil
        }
        places = [:]
        do throws(TestFailure) { try scene.close() } catch { ledger.report("\(error)") }
    }
}
