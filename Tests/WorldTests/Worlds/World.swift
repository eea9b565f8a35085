import ZMQReactor
import ZMQReactorTesting

/// Some tens of programs in virtual time that talk by all patterns, over a network in memory and within themselves,
/// while lines are slow, stall and break, and programs sleep, end, are killed and begin again. All of it follows from a
/// seed.
///
/// In the end everything is mended, and what is queued arrives; then the books must balance, see `Books`.
final class World {
    let seed: UInt64
    let scene: TestScene
    let ledger = Ledger()
    let trace: Trace
    let leftovers = Leftovers()
    var random: SeededGenerator
    var programs: [Program] = []
    var nodes: [Node] { programs.flatMap(\.nodes) }

    /// The topics of what is published.
    static let topics = "abcd".flatMap { first in "012".map { "\(first)\($0)" } }

    /// Whether nodes send by themselves.
    var isSpeaking = true
    /// Whether attempts to connect are refused.
    var isRefusing = false
    /// The programs on the one side of a partition.
    var island: Set<ObjectIdentifier> = []
    /// The numbers of the groups of local sockets, by program and run.
    private var groups: [String: Int] = [:]

    init(seed: UInt64, keepsLines: Bool = false) throws {
        self.seed = seed
        leftovers.begin()
        let scene = try TestScene(seed: seed)
        self.scene = scene
        random = SeededGenerator(seed: seed ^ 0x5EED)
        trace = Trace(keepsLines: keepsLines) { [unowned scene] in scene.elapsed }
        scene.network.keepsRecords = true
        scene.network.whenConnected = { [unowned self] in connected($0) }
        scene.network.onConnect = { [unowned self] in answer($0) }
    }

    deinit { scene.reactor.closeSockets() }

    // MARK: The network

    /// The node on a reactor that connects to the endpoint.
    private func node(on reactor: ObjectIdentifier, connectingTo endpoint: String) -> Node? {
        nodes.first { node in
            let connecting = node.program.sessions ?? node.loop.reactor
            return connecting.map { ObjectIdentifier($0) } == reactor && node.connects.contains(endpoint)
        }
    }

    private func node(boundTo endpoint: String) -> Node? { nodes.first { $0.binds.contains(endpoint) } }

    private func connected(_ connection: MemoryConnection) {
        let (endpoint, reactor) = (connection.endpoint, connection.reactors.connecting)
        guard let near = node(on: reactor, connectingTo: endpoint), let far = node(boundTo: endpoint),
            let one = near.party, let other = far.party
        else { return ledger.report("a connection to \(endpoint) of nothing") }
        ledger.add(connection, from: one, to: other)
        trace.add("\(one.name) and \(other.name) connect")
        if isCut(near, far) { connection.isStalled = true }
    }

    private func answer(_ attempt: MemoryNetwork.Attempt) -> MemoryNetwork.Answer {
        guard let near = node(on: ObjectIdentifier(attempt.reactor), connectingTo: attempt.endpoint),
            let far = node(boundTo: attempt.endpoint)
        else { return .refused }
        if isCut(near, far) { return .none }
        return isRefusing ? .refused : .accepted
    }

    func isCut(_ near: Node, _ far: Node) -> Bool {
        island.contains(ObjectIdentifier(near.program)) != island.contains(ObjectIdentifier(far.program))
    }

    // MARK: Parties

    /// A party has its reactor.
    func place(_ party: Party) {
        ledger.add(party)
        trace.add("\(party.name) starts\(party.node.program.hasSessions ? ", with sessions" : "")")
    }

    /// The group of the local sockets of a program, as long as it runs.
    func group(of program: Program) -> Int {
        let key = "\(program.name) \(program.run)"
        if let group = groups[key] { return group }
        groups[key] = groups.count
        return groups.count - 1
    }

    func watch(_ socket: Socket) { leftovers.watch(socket) }

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
        for program in programs {
            for loop in program.loops where !loop.isAsleep { if let reactor = loop.reactor { awake.append(reactor) } }
            if let sessions = program.sessions { awake.append(sessions) }
        }
        let busy = awake.filter(\.hasWork)
        if !busy.isEmpty {
            for reactor in busy.count == 1 ? busy : busy.shuffled(using: &random) { reactor.run(.nowait) }
            return true
        }
        guard let next = awake.compactMap(\.nextDeadline).min(), next <= end else { return false }
        scene.clock.advance(to: next)
        return true
    }
}
