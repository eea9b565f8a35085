/// Measures the turns of a reactor, and the handlers called in them.
///
/// Rules:
/// * The clock is read when a turn's first handler begins, and when each handler ends: the end of one is the beginning
///   of the next.
/// * What a report takes counts for the turn, and for no handler.
final class HandlerMonitor {
    // Changed in place for each handler. No foreign code runs meanwhile.
    @exclusivity(unchecked) private var counts = Counts()
    /// When the turn's first handler began, and when its last ended, in nanoseconds; `none` before the first.
    @exclusivity(unchecked) private var turn = (start: HandlerMonitor.none, last: HandlerMonitor.none)
    private static let none = Int64.min

    /// Whether statistics are wanted.
    var isCounting = false
    private(set) var watchers: [SlowHandlerWatcher] = []
    @exclusivity(unchecked) private(set) var pulses: [HandlerPulse] = []

    /// The limit of the most impatient watcher, in nanoseconds.
    private var limit = Int64.max

    /// Whether anything is to be measured.
    var isNeeded: Bool { isCounting || !watchers.isEmpty || !pulses.isEmpty }

    /// The statistics, with times in nanoseconds.
    private struct Counts {
        var turns = 0
        var busyTime: Int64 = 0
        var longestTurn: Int64 = 0
        var handlers = DurationHistogram()
    }

    var statistics: TurnStatistics {
        var statistics = TurnStatistics()
        statistics.turns = counts.turns
        statistics.busyTime = .nanoseconds(counts.busyTime)
        statistics.longestTurn = .nanoseconds(counts.longestTurn)
        statistics.handlers = counts.handlers
        return statistics
    }

    // MARK: What is wanted

    func add(_ watcher: SlowHandlerWatcher) {
        watchers.append(watcher)
        limit = min(limit, watcher.limit)
    }

    func remove(_ watcher: SlowHandlerWatcher) {
        watchers.removeAll { $0 === watcher }
        limit = watchers.map(\.limit).min() ?? .max
    }

    /// The reactor is being released.
    func releaseWatchers() {
        let watchers = exchange(&watchers, with: [])
        limit = .max
        for watcher in watchers { watcher.releaseHandler() }
    }

    func add(_ pulse: HandlerPulse) { pulses.append(pulse) }

    func remove(_ pulse: HandlerPulse) { pulses.removeAll { $0 === pulse } }

    // MARK: Measuring

    /// A handler begins. Returns when, in nanoseconds.
    @inline(__always)
    func begin(_ source: HandlerSource, at now: () -> Int64) -> Int64 {
        if turn.start == Self.none {
            let start = now()
            turn = (start, start)
        }
        if !pulses.isEmpty {
            let label = source.label
            for pulse in pulses { pulse.begin(label) }
        }
        return turn.last
    }

    /// It has ended. Returns whether to report that.
    @inline(__always)
    func end(since start: Int64, at now: Int64) -> Bool {
        if !pulses.isEmpty {
            for pulse in pulses { pulse.end() }
        }
        turn.last = now
        if isCounting { counts.handlers.add(nanoseconds: now - start) }
        return now - start >= limit
    }

    /// Reports a slow handler, and goes on from the time after that.
    func report(_ source: HandlerSource, _ duration: Int64, _ now: () -> Int64) {
        let report = source.report(duration)
        // A report may cancel watchers, and add some.
        for watcher in watchers where duration >= watcher.limit { watcher.call(report) }
        turn.last = now()
    }

    func turnEnded() {
        if isCounting {
            counts.turns += 1
            if turn.start != Self.none {
                let time = turn.last - turn.start
                counts.busyTime += time
                counts.longestTurn = max(counts.longestTurn, time)
            }
        }
        turn = (Self.none, Self.none)
    }
}

/// A watch for slow handlers, from ``Reactor/onSlowHandler(longerThan:_:)`` until ``cancel()``.
public final class SlowHandlerWatcher {
    /// In nanoseconds.
    let limit: Int64
    private let reactor: ReactorReference
    private var body: ((SlowHandler) -> Void)?

    init(limit: Int64, on reactor: Reactor, _ body: @escaping (SlowHandler) -> Void) {
        (self.limit, self.reactor, self.body) = (limit, ReactorReference(reactor), body)
    }

    /// Whether the closure can still be called.
    public var isActive: Bool { body != nil }

    /// Ends the watch: the closure is not called again, and is released. Cancelling again does nothing.
    public func cancel() {
        guard isActive else { return }
        reactor.use { $0.stopWatching(self) }
        body = nil
    }

    /// The reactor is being released.
    func releaseHandler() { body = nil }

    func call(_ report: SlowHandler) { body?(report) }
}

@available(*, unavailable, message: "a watcher belongs to the thread of its reactor")
extension SlowHandlerWatcher: Sendable {}
