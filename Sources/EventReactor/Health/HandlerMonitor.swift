/// Watches single calls of handlers: reports those that take long, and shows the current one to other threads.
final class HandlerMonitor {
    private(set) var watchers: [SlowHandlerWatcher] = []
    @exclusivity(unchecked) private(set) var pulses: [HandlerPulse] = []

    /// The limit of the most impatient watcher, in nanoseconds.
    private(set) var limit = Int64.max

    var isNeeded: Bool { !watchers.isEmpty || !pulses.isEmpty }

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

    // MARK: Calls

    func begins(_ source: HandlerSource) {
        guard !pulses.isEmpty else { return }
        let label = source.label
        for pulse in pulses { pulse.begin(label) }
    }

    func ends() { for pulse in pulses { pulse.end() } }

    /// Reports a slow handler.
    func report(_ source: HandlerSource, _ duration: Int64) {
        let report = source.report(duration)
        // A report may cancel watchers, and add some.
        for watcher in watchers where duration >= watcher.limit { watcher.call(report) }
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
