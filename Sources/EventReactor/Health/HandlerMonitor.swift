/// Measures the turns of a reactor, and the handlers called in them.
///
/// Rules:
/// * The clock is read when a turn's first handler begins, and when each handler ends: the end of one is the beginning
///   of the next.
/// * What a report takes counts for the turn, and for no handler.
final class HandlerMonitor {
    private(set) var statistics = TurnStatistics()

    /// Whether statistics are wanted.
    var isCounting = false
    private(set) var watchers: [SlowHandlerWatcher] = []
    private(set) var pulses: [HandlerPulse] = []

    /// The limit of the most impatient watcher, in nanoseconds.
    private var limit = Int64.max

    /// The beginning of the turn's first handler, and the end of its last; nil before that.
    private var turn: (start: Int64, last: Int64)?

    /// Whether anything is to be measured.
    var isNeeded: Bool { isCounting || !watchers.isEmpty || !pulses.isEmpty }

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
    func begin(_ source: HandlerSource, at now: () -> Int64) -> Int64 {
        let start = turn?.last ?? now()
        if turn == nil { turn = (start, start) }
        if !pulses.isEmpty {
            let label = source.label
            for pulse in pulses { pulse.begin(label) }
        }
        return start
    }

    /// It has ended. Returns whether to report that.
    func end(since start: Int64, at now: Int64) -> Bool {
        for pulse in pulses { pulse.end() }
        turn?.last = now
        if isCounting { statistics.handlers.add(nanoseconds: now - start) }
        return now - start >= limit
    }

    /// Reports a slow handler, and goes on from the time after that.
    func report(_ source: HandlerSource, _ duration: Int64, _ now: () -> Int64) {
        let report = source.report(duration)
        // A report may cancel watchers, and add some.
        for watcher in watchers where duration >= watcher.limit { watcher.call(report) }
        turn?.last = now()
    }

    func turnEnded() {
        guard isCounting else { return turn = nil }
        statistics.turns += 1
        guard let turn else { return }
        let duration = Duration.nanoseconds(turn.last - turn.start)
        statistics.busyTime += duration
        statistics.longestTurn = max(statistics.longestTurn, duration)
        self.turn = nil
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
