/// How much of the work from one source is done in one turn: a number of pieces, or as many as fit a time, whichever is
/// less.
///
/// Rules:
/// * Work is done in portions, and the clock is read between two of them, never within. Work that fits the first
///   portion, which is small, is not measured.
/// * Portions grow while they take next to no time, up to `largestPortion`, and shrink when they take too much; the
///   size outlives the turn, and is all that does. So fast work is hardly measured at all, and little slow work is done
///   at once. Each turn still begins with small portions, in case fast work has become slow.
/// * Every turn does at least one portion, whatever it takes.
/// * Sources that all have more than fits share one smaller budget, so that a turn does not take longer the more of
///   them there are, and a source with little work is soon served.
@usableFromInline
package struct WorkBudget {
    /// The most pieces of work in one turn.
    @inlinable package static var pieces: Int { 1024 }

    /// The time that one turn's work may take, in nanoseconds.
    @inlinable package static var time: Int64 { 100_000 }

    /// The most pieces between two readings of the clock, unless set otherwise: a turn does this much when fast work
    /// suddenly becomes slow.
    @inlinable package static var largestPortion: Int { 512 }
    @usableFromInline let largestPortion: Int
    /// Pieces in one turn of this budget.
    @usableFromInline let most: Int

    /// The time for all sources together, when several have more than fits.
    package static let sharedTime: Int64 = 20_000

    /// The minimum, however many sources share: less at once would cost more for the turns than for the work.
    package static let least = (pieces: 32, time: 5_000 as Int64)

    /// From this number on it is a crowd: each member makes all others wait, so the cost of a turn matters less than
    /// what one of them may do in it.
    private static let crowd = 16
    private static let leastInCrowd = (portion: 1, time: 4_000 as Int64)

    /// The size of a portion when nothing has been measured.
    @inlinable package static var initialSize: Int { 16 }

    /// The most in the first portion of a turn; and in the first two, when several share.
    @inlinable static var firstPortion: Int { 64 }
    private static let sharedPortion = 8

    /// How much may be done before `renew` is called. The user counts it down.
    @usableFromInline package var portion = 0

    /// The size of a whole portion, as it has been measured.
    @usableFromInline package var size: Int
    /// The value of `portion` when it was granted.
    @usableFromInline var given = 0
    /// The pieces left in this turn, without those in `portion`.
    @usableFromInline var left = 0
    @usableFromInline var time = WorkBudget.time
    /// A shared budget has less time than a whole one.
    private var isShared: Bool { time < Self.time }
    @usableFromInline var startTime = Int64.min
    @usableFromInline var portionTime: Int64 = 0

    /// The budget of a turn. What was done in earlier ones matters only by the size of portions.
    ///
    /// - Parameters:
    ///   - pieces: the most in one turn.
    ///   - largestPortion: the most between two readings of the clock.
    ///   - size: the `size` in which the budget of an earlier turn has ended.
    ///   - share: the number of sources with more work than fits.
    @inlinable @inline(__always)
    package init(
        pieces: Int = Self.pieces,
        largestPortion: Int = Self.largestPortion,
        size: Int = Self.initialSize,
        sharedBy share: Int = 1
    ) {
        most = pieces
        self.largestPortion = largestPortion
        self.size = size
        begin(sharedBy: share)
    }

    /// Begins a turn.
    ///
    /// - Parameter share: the number of sources with more work than fits.
    @inlinable @inline(__always)
    package mutating func begin(sharedBy share: Int = 1) {
        portion = min(size, Self.firstPortion)
        given = portion
        left = most &- portion
        time = Self.time
        startTime = .min
        if share > 1 { divide(by: share) }
    }

    @usableFromInline @inline(never)
    mutating func divide(by share: Int) {
        let pieces = max(most / share, Self.least.pieces)
        let isCrowd = share >= Self.crowd
        time = max(Self.sharedTime / Int64(share), isCrowd ? Self.leastInCrowd.time : Self.least.time)
        portion = min(size, isCrowd ? Self.leastInCrowd.portion : Self.sharedPortion)
        given = portion
        left = pieces - portion
    }

    /// A portion is done. Returns whether another one fits this turn; `portion` is its size.
    ///
    /// - Parameter now: the time in nanoseconds.
    package mutating func renew(at now: Int64) -> Bool {
        var next = isShared ? given : size
        if startTime == .min {
            startTime = now
        } else {
            let elapsed = max(now - portionTime, 1)
            // Also after the last portion: work that has become slow may never leave time for another.
            adapt(to: elapsed, of: given)
            guard left > 0 else { return false }
            // The rest waits for the next turn.
            let affordable = Int64(given) * max(time - (now - startTime), 0) / elapsed
            guard affordable > 0 else { return false }
            next = min(size, Int(clamping: affordable))
        }
        portionTime = now
        give(min(next, left))
        return true
    }

    private mutating func give(_ count: Int) {
        portion = count
        given = count
        left -= count
    }

    /// Whether the turn has gone beyond the first portion.
    @inlinable @inline(__always)
    package var isMeasuring: Bool { startTime != .min }

    /// The turn's work ends within a portion, because none is left. Call it when the budget `isMeasuring`; the
    /// measurement starts over.
    ///
    /// - Parameter now: the time in nanoseconds.
    package mutating func end(at now: Int64) {
        if portion < given { adapt(to: max(now - portionTime, 1), of: given - portion) }
    }

    private mutating func adapt(to elapsed: Int64, of pieces: Int) {
        if elapsed <= Self.time / 4 {
            size = min(max(size, pieces * 4), largestPortion)
        } else if elapsed > Self.time {
            size = max(Int(Int64(pieces) * Self.time / 2 / elapsed), 1)
        }
    }
}

extension Reactor {
    /// The number of handlers with work left for this turn: they share its budget.
    package var restCount: Int { rests }

    /// The time by which work budgets are measured.
    package var workTime: Int64 { isWorkMeasured ? readClock() : 0 }

    /// Whether work is limited by the time it takes, and not by its amount alone. Default true; false where time means
    /// nothing, as under a tool that counts instructions.
    @_spi(Benchmarking)
    public var measuresWork: Bool {
        get { isWorkMeasured }
        set {
            checkThread()
            isWorkMeasured = newValue
        }
    }
}
