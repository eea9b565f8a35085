/// How much of the work that has come from one place is done in one turn: so many pieces, or as many as fit a time, whichever is less.
///
/// Rules:
/// * Work is done in portions, and the clock is read between two of them, never within. What fits the first portion, which is small, is
///   not measured.
/// * Portions grow while they take next to no time, up to `largestPortion`, and shrink when they take too much of it; what was learnt
///   outlives the turn. So quick work is hardly measured at all, and of slow work little is done at once. Each turn begins with small
///   portions all the same, in case quick work has become slow.
/// * At least one portion is done in every turn, whatever it takes.
/// * Places that all have more than fits share one budget, which is smaller, so that a turn does not take longer the more of them there
///   are, and one that has little is soon served.
package struct WorkBudget {
    /// Pieces of work in one turn at most.
    @inlinable package static var pieces: Int { 1024 }

    /// The time that one turn's work may take, in nanoseconds.
    @inlinable package static var time: Int64 { 100_000 }

    /// Pieces between two looks at the clock at most, unless said otherwise: so much is done in a turn when quick work suddenly becomes
    /// slow.
    package static let largestPortion = 512
    private let largestPortion: Int
    /// Pieces in one turn of this budget.
    @usableFromInline let most: Int

    /// The time for all together, when several have more than fits.
    package static let sharedTime: Int64 = 20_000

    /// However many share: less at once would cost more for the turns than for the work.
    package static let least = (pieces: 32, time: 5_000 as Int64)

    /// From so many on it is a crowd: each of its members makes all others wait, so that what a turn costs matters less than what one of
    /// them may do in it.
    private static let crowd = 16
    private static let leastInCrowd = (portion: 1, time: 4_000 as Int64)

    /// The size of a portion when nothing is known.
    private static let initialSize = 16

    /// The first portion of a turn at most; and the first two, when several share.
    @inlinable static var firstPortion: Int { 64 }
    private static let sharedPortion = 8

    /// What may be done before `renew` is asked. The user counts it down.
    package var portion = 0

    /// The size of a whole portion.
    @usableFromInline var size = WorkBudget.initialSize
    /// What `portion` was when it was given out.
    @usableFromInline var given = 0
    /// The pieces left in this turn, without those in `portion`.
    @usableFromInline var left = 0
    @usableFromInline var time = WorkBudget.time
    /// A shared budget has less time than a whole one.
    private var isShared: Bool { time < Self.time }
    @usableFromInline var startTime = Int64.min
    private var portionTime: Int64 = 0

    package init(pieces: Int = Self.pieces, largestPortion: Int = Self.largestPortion) {
        most = pieces
        self.largestPortion = largestPortion
        begin()
    }

    /// Begins a turn.
    ///
    /// - Parameter share: how many have more to do than fits.
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

    /// A portion has been done. Returns whether there is another one in this turn; `portion` says how large it is.
    ///
    /// - Parameter now: the time in nanoseconds.
    package mutating func renew(at now: Int64) -> Bool {
        var next = isShared ? given : size
        if startTime == .min {
            startTime = now
        } else {
            let elapsed = max(now - portionTime, 1)
            // Also after the last one: work that has become slow may never leave time for another.
            adapt(to: elapsed, of: given)
            guard left > 0 else { return false }
            // What does not fit any more waits for the next turn.
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

    /// Whether there has been more than the first portion.
    @inlinable @inline(__always)
    package var isMeasuring: Bool { startTime != .min }

    /// The turn's work ends within a portion, because there is no more of it. To be called when it `isMeasuring`, and begins again.
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
    /// How many have left work for this turn: they share what it may take.
    @inlinable @inline(__always)
    package var restCount: Int { rests }

    /// The time that work budgets are measured by.
    package var workTime: Int64 { isWorkMeasured ? readClock() : 0 }

    /// Whether work is limited by the time it takes, and not by its amount alone. Default true; false where time says nothing, as under
    /// an instrument that counts instructions.
    @_spi(Benchmarking)
    public var measuresWork: Bool {
        get { isWorkMeasured }
        set {
            checkThread()
            isWorkMeasured = newValue
        }
    }
}
