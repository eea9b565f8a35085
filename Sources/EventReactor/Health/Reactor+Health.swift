extension Reactor {
    /// Whether turns and handlers are counted and timed, in ``turnStatistics``. Default false.
    ///
    /// It costs a look at the clock for each handler and one for each turn. The counters keep their values while it is
    /// false.
    public var measuresTurns: Bool {
        get { monitor?.isCounting ?? false }
        set {
            checkThread()
            guard newValue != measuresTurns else { return }
            changeMonitor { $0.isCounting = newValue }
        }
    }

    /// How the reactor has spent its turns while ``measuresTurns`` was true. Cheap to read.
    public var turnStatistics: TurnStatistics {
        checkThread()
        return monitor?.statistics ?? TurnStatistics()
    }

    /// Calls the closure after each handler that held the loop for the limit or longer.
    ///
    /// ```swift
    /// reactor.onSlowHandler(longerThan: .milliseconds(50)) { slow in print(slow) }
    /// ```
    ///
    /// Where a socket is behind it, the report names that and the application's handler. What it measures is one call by
    /// the loop, in which a socket may deliver several messages. The time is elapsed time, in which the system may have run other
    /// threads. A handler that never returns is reported by a ``Watchdog``.
    ///
    /// - Parameters:
    ///   - limit: 0 reports every call.
    ///   - report: Called on the reactor, in the same turn.
    @discardableResult
    public func onSlowHandler(
        longerThan limit: Duration,
        _ report: @escaping (SlowHandler) -> Void
    ) -> SlowHandlerWatcher {
        checkThread()
        let watcher = SlowHandlerWatcher(limit: max(0, limit.roundedUpNanoseconds), on: self, report)
        changeMonitor { $0.add(watcher) }
        return watcher
    }

    func stopWatching(_ watcher: SlowHandlerWatcher) {
        checkThread()
        changeMonitor { $0.remove(watcher) }
    }

    func add(_ pulse: HandlerPulse) {
        checkThread()
        changeMonitor { $0.add(pulse) }
    }

    func remove(_ pulse: HandlerPulse) {
        checkThread()
        changeMonitor { $0.remove(pulse) }
    }

    private func changeMonitor(_ change: (HandlerMonitor) -> Void) {
        let monitor = monitor ?? HandlerMonitor()
        self.monitor = monitor
        change(monitor)
        isMonitored = monitor.isNeeded
    }

    /// Calls a handler, and measures that if anything wants it.
    @inline(__always)
    func call(_ source: @autoclosure () -> HandlerSource, _ body: () -> Void) {
        if isMonitored { measure(source(), body) } else { body() }
    }

    @inline(never)
    private func measure(_ source: HandlerSource, _ body: () -> Void) {
        guard let monitor else { return body() }
        let start = monitor.begin(source, at: readClock)
        body()
        let now = readClock()
        if monitor.end(since: start, at: now) { monitor.report(source, now - start, readClock) }
    }
}
