import ZMQReactorTesting

extension World {
    /// What a world has been.
    struct Outcome {
        let seed: UInt64
        let facts: Facts
        let problems: [String]
        /// The same for the same events in the same order.
        let digest: UInt64
        let events: Int
        /// The events, when they were to be kept.
        let lines: [String]

        var messages: Int { facts.entries.count }
    }

    /// Makes a world, lets it run, and looks into the books.
    ///
    /// - Parameters:
    ///   - seconds: the virtual time in which things fail.
    ///   - isAlone: whether nothing else runs in the process, so that its descriptors can be counted.
    static func run(
        seed: UInt64,
        seconds: Int,
        isAlone: Bool = false,
        keepsLines: Bool = false
    ) throws -> Outcome {
        // The first reactor of the main thread opens the main queue's descriptor, which stays.
        if isAlone { _ = try Reactor() }
        let descriptors = isAlone ? Leftovers.openDescriptors : 0
        var (facts, trace) = try live(seed: seed, seconds: seconds, keepsLines: keepsLines)
        if isAlone { facts.remains.descriptors = Leftovers.openDescriptors - descriptors }
        return Outcome(
            seed: seed,
            facts: facts,
            problems: Books(facts).problems,
            digest: trace.digest,
            events: trace.count,
            lines: trace.lines
        )
    }

    private static func live(seed: UInt64, seconds: Int, keepsLines: Bool) throws -> (Facts, Trace) {
        let world = try World(seed: seed, keepsLines: keepsLines)
        world.build()
        world.scheduleFaults(until: .seconds(seconds), count: (1 + world.random.below(6)) * seconds)
        world.run(for: .seconds(seconds))
        world.heal()
        world.lastRound()
        for program in world.programs { program.relay?.stop() }
        var facts = world.ledger.facts
        world.noteRest()
        facts.remains = world.close()
        facts.problems = world.ledger.problems
        return (facts, world.trace)
    }

    /// Everything is idle.
    private func noteRest() {
        let sockets = nodes.filter(\.isLocal).compactMap { $0.party?.socket }
        // A socket has a channel to the session of each peer, or of each endpoint.
        let owners = nodes.filter { $0.program.hasSessions && !$0.isLocal }
        let sessions = owners.reduce(0) { $0 + 2 * (($1.party?.socket?.peerCount ?? 0) + $1.connects.count) }
        leftovers.noteRest(of: scene.clock.reactors, channels: sockets.reduce(sessions) { $0 + $1.peerCount })
    }
}
