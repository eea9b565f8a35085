/// Learns whether polling before sleeping pays off, for ``IdleStrategy/adaptive``.
///
/// Rules:
/// * Only a turn in which something arrived, at a descriptor or from another thread, is followed by a poll.
/// * A poll that finds nothing within `limit` is a miss, and so is one that finds something later because the thread
///   lost its processor: a sleeping thread would have got it back sooner.
/// * Work from other threads is found without a system call, and descriptors are checked every few rounds, but at least
///   once in `limit` however much the threads send. If a descriptor was the last source, it is checked in each round.
/// * Each miss makes polls rarer, down to one in 64; a hit resets this.
/// * A thread that gave its processor away and got it back only after several times `limit` has met others that compute.
///   Each such loss costs milliseconds, and polls that go well in between say nothing about the next: the next thousand
///   turns do not poll.
package struct AdaptiveWaiting {
    package init() {}

    /// The time that waking a thread on an idle processor may take, in nanoseconds: if it were shorter, two threads
    /// that have both fallen asleep would never stop sleeping.
    static let limit: Int64 = 50_000

    /// The rarest polls are one in two to the power of this.
    private static let mostMisses = 6

    /// The duration of a poll that means that others keep the processors busy, in nanoseconds. Less than the shortest
    /// time slice of a scheduler, and more than an interrupt takes.
    private static let loss = 4 * limit

    /// The turns after a loss that do not poll: with one loss in so many, the 99th percentile is that of a reactor that
    /// sleeps at once.
    private static let turnsAfterLoss = 1000

    /// Whether something has arrived in this turn.
    private(set) var isDue = false
    private var misses = 0
    private var toSkip = 0

    /// Rounds of a poll per check of the descriptors, if another thread was the last source.
    private static let roundsPerPoll = 8

    /// The number of rounds of a poll per check of the descriptors.
    private(set) var roundsPerPoll = 1

    /// Whether another thread was the last source.
    var awaitsThread: Bool { roundsPerPoll > 1 }

    /// When the reactor last checked its descriptors, in nanoseconds.
    private var polledAt: Int64 = 0

    /// Something has arrived at a descriptor.
    @inline(__always)
    package mutating func noteDescriptor() {
        if !isDue { (isDue, roundsPerPoll) = (true, 1) }
    }

    /// Something has been exchanged with another thread.
    @inline(__always)
    mutating func noteThread() { (isDue, roundsPerPoll) = (true, Self.roundsPerPoll) }

    /// Another thread has left something. Returns whether it is nevertheless time to check descriptors.
    mutating func isPollDue(at now: Int64) -> Bool {
        guard now - polledAt > Self.limit else { return false }
        polledAt = now
        return true
    }

    /// Whether to poll now.
    package mutating func begins() -> Bool {
        guard isDue else { return false }
        isDue = false
        guard toSkip == 0 else {
            toSkip -= 1
            return false
        }
        return true
    }

    /// A poll is over.
    ///
    /// - Parameters:
    ///   - found: whether there was an event.
    ///   - elapsed: the duration of the poll, in nanoseconds.
    @inline(__always)
    package mutating func ended(found: Bool, after elapsed: Int64) {
        guard !found || elapsed > Self.limit else {
            misses = 0
            return
        }
        misses = min(misses + 1, Self.mostMisses)
        toSkip = elapsed < Self.loss ? 1 << misses : Self.turnsAfterLoss
    }
}
