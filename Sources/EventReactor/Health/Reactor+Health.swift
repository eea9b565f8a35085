extension Reactor {
    /// Whether turns and handlers are counted and timed, in ``turnStatistics``. Default false.
    ///
    /// It costs a look at the clock for each handler and one for each turn. The counters keep their values while it is
    /// false.
    public var measuresTurns: Bool {
        get { meter.isCounting }
        set {
            checkThread()
            meter.isCounting = newValue
            monitoringChanged()
        }
    }

    /// How the reactor has spent its turns while ``measuresTurns`` was true. Cheap to read.
    public var turnStatistics: TurnStatistics {
        checkThread()
        return meter.statistics
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
        isWatched = monitor.isNeeded
        monitoringChanged()
    }

    private func monitoringChanged() {
        isMonitored = meter.isCounting || isWatched
        // The meter does not see the end of this turn.
        if !isMonitored { meter.forgetTurn() }
    }

    /// Calls a handler, and measures that if anything wants it.
    @inline(__always)
    func call(_ source: @autoclosure () -> HandlerSource, _ body: () -> Void) {
        if !isMonitored { body() } else if isWatched { watch(source(), body) } else { count(body) }
    }

    @inline(never)
    private func count(_ body: () -> Void) {
        beginCounting()
        body()
    }

    /// A handler begins that is timed, and of which nothing else is of interest.
    func beginCounting() { meter.begin(at: readClock()) }

    @inline(never)
    private func watch(_ source: HandlerSource, _ body: () -> Void) {
        guard let monitor else { return body() }
        let start = readClock()
        meter.begin(at: start)
        monitor.begins(source)
        body()
        monitor.ends()
        let end = readClock()
        meter.end(at: end)
        if end - start >= monitor.limit { monitor.report(source, end - start) }
    }
}
