/// Learns whether it pays to look again before sleeping, for ``IdleStrategy/adaptive``.
///
/// Rules:
/// * Only a turn in which something arrived, at a descriptor or from another thread, is followed by a look.
/// * A look that finds nothing within `limit` was in vain, and so was one that found something later, because the thread had
///   lost its processor: a sleeping thread would have got it back sooner.
/// * Work from other threads is found without a system call, and descriptors are looked at every few rounds, but no less
///   than once in `limit` however much the threads bring. Where a descriptor was the last to bring something, it is looked at in each round.
/// * Each look in vain makes the next ones rarer, down to one in 64; one that was not makes them usual again.
struct AdaptiveWaiting {
    /// As long as waking a thread on an idle processor may take, in nanoseconds: were it shorter, two threads that have both
    /// fallen asleep would never come out of it.
    static let limit: Int64 = 50_000

    /// One look in two to the power of this many is the rarest.
    private static let mostMisses = 6

    /// Whether something has arrived in this turn.
    private(set) var isDue = false
    private var misses = 0
    private var toSkip = 0

    /// Rounds of a look for each time that descriptors are looked at, where another thread was the last to bring something.
    private static let roundsPerPoll = 8

    /// How many rounds of a look there are for each time that it looks at descriptors.
    private(set) var roundsPerPoll = 1

    /// When the reactor has looked at its descriptors, in nanoseconds.
    private var polledAt: Int64 = 0

    /// Something has arrived at a descriptor.
    @inline(__always)
    mutating func noteDescriptor() {
        if !isDue { (isDue, roundsPerPoll) = (true, 1) }
    }

    /// Something has been exchanged with another thread.
    @inline(__always)
    mutating func noteThread() { (isDue, roundsPerPoll) = (true, Self.roundsPerPoll) }

    /// Another thread has left something. Returns whether it is time to look at descriptors all the same.
    mutating func isPollDue(at now: Int64) -> Bool {
        guard now - polledAt > Self.limit else { return false }
        polledAt = now
        return true
    }

    /// Whether to look now.
    mutating func begins() -> Bool {
        guard isDue else { return false }
        isDue = false
        guard toSkip == 0 else {
            toSkip -= 1
            return false
        }
        return true
    }

    /// A look is over.
    ///
    /// - Parameters:
    ///   - found: whether there was an event.
    ///   - elapsed: how long the look took, in nanoseconds.
    mutating func ended(found: Bool, after elapsed: Int64) {
        guard !found || elapsed > Self.limit else {
            misses = 0
            return
        }
        misses = min(misses + 1, Self.mostMisses)
        toSkip = 1 << misses
    }
}
