import ZMQReactorTesting

extension World {
    /// What a world has been.
    struct Outcome {
        let seed: UInt64
        let problems: [String]
        /// The same for the same events in the same order.
        let digest: UInt64
        let events: Int
        let messages: Int
        /// The events, when they were to be kept.
        let lines: [String]
    }

    /// Makes a world, lets it run, and looks into the books.
    ///
    /// - Parameter seconds: the virtual time in which things fail.
    static func run(seed: UInt64, seconds: Int, keepsLines: Bool = false) throws -> Outcome {
        let world = try World(seed: seed, keepsLines: keepsLines)
        world.build()
        world.scheduleFaults(until: .seconds(seconds), count: (1 + world.random.below(6)) * seconds)
        world.run(for: .seconds(seconds))
        world.heal()
        for party in world.ledger.parties { party.noteStatistics() }
        let books = Books(world.ledger)
        world.close()
        return Outcome(
            seed: seed,
            problems: books.problems + world.ledger.problems,
            digest: world.trace.digest,
            events: world.trace.count,
            messages: world.ledger.entries.count,
            lines: world.trace.lines
        )
    }
}
