/// A clock in the place of the system's: the timers of its reactors run in virtual time.
///
/// A reactor with such a clock arms no real alarm. There are two kinds:
/// * a clock that only `advance(by:)` moves: advance it, then run a `.nowait` turn; a turn that may block waits for
///   descriptors alone;
/// * one that `isSelfAdvancing`: where a reactor would sleep, the time of the next timer comes at once, see
///   `ManualClock+Waiting`. Several reactors of one thread may share it.
///
/// It also replaces the system's randomness, so that what happens depends on the seed alone.
package final class ManualClock {
    /// Nanoseconds since the clock's beginning.
    package private(set) var nanoseconds: Int64

    /// Whether time passes by itself when no reactor has anything to do.
    package let isSelfAdvancing: Bool

    /// The reactors that share the clock.
    private var members: [Unmanaged<Reactor>] = []
    private var generator: SplitMix64

    package init(nanoseconds: Int64 = 1_000_000_000, isSelfAdvancing: Bool = false, seed: UInt64 = 0) {
        self.nanoseconds = nanoseconds
        self.isSelfAdvancing = isSelfAdvancing
        generator = SplitMix64(seed: seed)
    }

    /// Advances the time; a negative duration does nothing.
    package func advance(by duration: Duration) {
        nanoseconds = nanoseconds.addingSaturating(max(0, duration.roundedUpNanoseconds))
    }

    /// Advances the time to this moment, unless it is over.
    package func advance(to moment: Int64) { nanoseconds = max(nanoseconds, moment) }

    /// The next of the clock's random numbers.
    package func random() -> UInt64 { generator.next() }

    func add(_ reactor: Reactor) { members.append(.passUnretained(reactor)) }

    /// The reactor is about to be gone.
    func remove(_ reactor: Reactor) {
        members.removeAll { $0.toOpaque() == Unmanaged.passUnretained(reactor).toOpaque() }
    }

    /// The reactors that share the clock, in the order in which they were made.
    package var reactors: [Reactor] { members.map { $0.takeUnretainedValue() } }
}
