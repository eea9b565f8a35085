import Glibc

/// How a reactor that works together with another thread waits: for a moment it stays awake, because what it waits for is likely to
/// come at once, and going to sleep and being woken would take longer.
///
/// Rules:
/// * Only a turn in which something was exchanged with another thread is followed by a vigil.
/// * It gives its processor away to whoever wants it, which may be the very thread it waits for, and lasts no longer than `limit`.
/// * What it brings is worked on at once. Descriptors and signals are looked at again when that was not done for as long as `limit`.
/// * Each vigil in vain makes the next ones rarer, up to one in 64; one that was not makes them usual again.
struct Vigil {
    /// As long as waking a thread on an idle processor may take: were it shorter, two threads that have both fallen asleep would
    /// never come out of it.
    static let limit: Int64 = 50_000

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

    /// Says whether it is time to look at descriptors again.
    mutating func hadNews(at now: Int64) -> Bool {
        missed = 0
        guard now - polledAt > Self.limit else { return false }
        polledAt = now
        return true
    }
}

extension Reactor {
    /// Another thread and this one exchange something: news may follow at once.
    package func exchangesWithAnotherThread() { vigil.exchanged() }

    /// Waits for other threads only, and not for long. Says whether one of them has come.
    @inline(never)
    func keepVigil() -> Bool {
        let start = Self.monotonicClock()
        var now = start
        while !handle.isSignalled {
            guard now - start < Vigil.limit else {
                vigil.wasInVain()
                return false
            }
            sched_yield()
            now = Self.monotonicClock()
        }
        inboxSignalled = true
        if vigil.hadNews(at: now) { poll(blocking: false) }
        return true
    }
}
