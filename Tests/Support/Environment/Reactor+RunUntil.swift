public import EventReactor

extension Reactor {
    /// Runs until `condition` holds; throws when it does not within `limit`.
    ///
    /// The condition is evaluated after every turn, and every millisecond when nothing happens on the reactor, so it
    /// may also be about another thread or process.
    public func run(
        until condition: () throws -> Bool,
        _ what: String = "the condition",
        within limit: Duration = .seconds(10)
    ) throws {
        let limit = limit * slowness
        let start = ContinuousClock.now
        let tick = every(.milliseconds(1)) { _ in }
        defer { tick.cancel() }
        while try !condition() {
            guard ContinuousClock.now - start < limit else {
                throw TestFailure("turned the reactor for \(limit) and waited for \(what) in vain")
            }
            run(.once)
        }
    }

    /// Runs for `duration`, to check that something does not happen.
    public func run(for duration: Duration) {
        var over = false
        let timer = after(duration) { _ in over = true }
        defer { timer.cancel() }
        while !over { run(.once) }
    }
}
