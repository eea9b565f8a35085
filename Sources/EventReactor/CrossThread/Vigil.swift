import Glibc

/// How a reactor that works together with another thread waits: for a moment it stays awake, because what it waits for is likely to
/// come at once, and going to sleep and being woken would take longer.
///
/// Rules:
/// * Only a turn in which something was exchanged with another thread is followed by a vigil.
/// * It gives its processor away to whoever wants it, which may be the very thread it waits for, and lasts no longer than `limit`.
/// * Other threads come first; descriptors and signals are looked at every few rounds. What comes from other threads is worked on at
///   once, unless descriptors have not been looked at for as long as `limit`.
/// * Each vigil in vain makes the next ones rarer, up to one in 64; one that was not makes them usual again.
struct Vigil {
    /// As long as waking a thread on an idle processor may take: were it shorter, two threads that have both fallen asleep would
    /// never come out of it.
    static let limit: Int64 = 50_000

    /// Looking at descriptors takes a system call.
    static let roundsPerLook = 8

    /// Whether the reactor has exchanged something with another thread in this turn.
    private(set) var isDue = false
    /// When the reactor has looked at its descriptors.
    private var polledAt: Int64 = 0
    private var missed = 0
    private var toSkip = 0

    mutating func exchanged() { isDue = true }

    /// Whether to keep one now.
    mutating func begins() -> Bool {
        guard isDue else { return false }
        isDue = false
        guard toSkip == 0 else {
            toSkip -= 1
            return false
        }
        return true
    }

    mutating func wasInVain() {
        missed = min(missed + 1, 6)
        toSkip = 1 << missed
    }

    /// Another thread has come. Says whether it is time to look at descriptors again.
    mutating func hadNews(at now: Int64) -> Bool {
        missed = 0
        guard now - polledAt > Self.limit else { return false }
        polledAt = now
        return true
    }

    /// There were events at descriptors.
    mutating func hasLooked(at now: Int64) { (missed, polledAt) = (0, now) }
}

extension Reactor {
    /// Another thread and this one exchange something: news may follow at once.
    package func exchangesWithAnotherThread() { vigil.exchanged() }

    /// Waits for events without sleeping, and not for long. Says whether there were any.
    @inline(never)
    func keepVigil() -> Bool {
        countEvents(always: true)
        defer { countEvents(always: false) }
        let start = Self.monotonicClock()
        var now = start
        var rounds = 0
        while now - start < Vigil.limit {
            if handle.isSignalled {
                inboxSignalled = true
                if vigil.hadNews(at: now) { poll(blocking: false) }
                return true
            }
            rounds += 1
            if rounds % Vigil.roundsPerLook == 0 {
                poll(blocking: false)
                if eventsThisTurn > 0 {
                    vigil.hasLooked(at: now)
                    return true
                }
            }
            sched_yield()
            now = Self.monotonicClock()
        }
        vigil.wasInVain()
        return false
    }
}
