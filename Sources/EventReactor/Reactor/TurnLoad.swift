/// What connections have read and written in this turn in large pieces, and how long they work.
///
/// When that is a turn's share, what is large waits for the next turn, in its order, and what is small is served at
/// once. So a turn does not take longer the more connections move much, begin or end, and a connection that moves
/// little waits for few of them.
@usableFromInline
struct TurnLoad {
    /// The bytes of a turn. The piece with which they are exceeded is moved whole.
    static let share = 1 << 20

    var bytes = 0
    /// When the first piece was moved, or work began that is more than a portion or from an earlier turn; in
    /// nanoseconds.
    @usableFromInline var start = Self.none
    @inlinable static var none: Int64 { .min }

    // Churn: connections that begin and end.

    /// When the first connection of the turn began or ended, in nanoseconds. Any number of them may do so at once. The
    /// time of the turn runs from there, whatever else is done in it.
    var churnStart = Self.none
    /// How many have begun or ended in this turn.
    var churnCount = 0
    /// Whether the present handler has waited, and its grant is unused.
    var hasChurnGrant = false
    /// The time of a turn for them, in nanoseconds, and how many are served however long they take: a turn has a cost of
    /// its own.
    static var churn: (time: Int64, least: Int) { (50_000, 16) }
    var hasChurn: Bool { churnStart != Self.none }

    /// Whether the time of the turn is over, and work from earlier ones is still left.
    var leavesRests = false

    @inlinable var hasBegun: Bool { start != Self.none }

    /// A turn begins. When the last one has left work, this one has no time for anything else that is large.
    mutating func begin() { self = leavesRests ? TurnLoad(bytes: Self.share, start: 0) : TurnLoad() }
}

extension Reactor {
    /// The least that a connection reads or writes at once and that counts, in bytes.
    @inlinable package static var largePiece: Int { 32 * 1024 }

    /// Whether what is large waits for the next turn.
    @inlinable @inline(__always)
    package var turnIsLoaded: Bool { load.hasBegun && hasFullLoad }

    /// A connection has read or written so many bytes.
    @inlinable @inline(__always)
    package func didMove(_ count: Int) {
        if count >= Self.largePiece { addToLoad(count) }
    }

    /// Grants another portion of what has just arrived at a connection, unless the time of the turn is over: the rest
    /// then waits for the next turn, in its order. So several connections take no longer than one, however little each
    /// of them has read.
    @inline(never)
    package func grantPortion(of budget: inout WorkBudget) -> Bool {
        let now = workTime
        if !load.hasBegun { load.start = now }
        return now - load.start <= WorkBudget.time && budget.renew(at: now)
    }

    /// Grants time for another connection that begins or ends: for an accept, a step of a handshake, or an end. The first
    /// of a turn always has time, unless others wait. What has none waits, see `whenChurnHasTime`, and stops watching
    /// meanwhile: otherwise each turn would find all that waits ready again.
    package func grantChurn() -> Bool {
        if load.hasChurnGrant {
            load.hasChurnGrant = false
        } else if load.hasChurn {
            guard churnHasTime else { return false }
        } else {
            guard queues.churn.isEmpty else { return false }
            load.churnStart = workTime
        }
        load.churnCount += 1
        return true
    }

    var churnHasTime: Bool {
        load.churnCount < TurnLoad.churn.least || workTime - load.churnStart <= TurnLoad.churn.time
    }

    @usableFromInline @inline(never)
    var hasFullLoad: Bool { load.bytes >= TurnLoad.share || workTime - load.start > WorkBudget.time }

    @usableFromInline @inline(never)
    func addToLoad(_ count: Int) {
        if !load.hasBegun { load.start = workTime }
        load.bytes += count
    }
}
