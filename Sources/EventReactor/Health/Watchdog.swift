/// Reports, on a thread of its own, a handler that has not returned for longer than a limit: one that is stuck, such as
/// in a deadlock or an endless loop, and that no report on the reactor's own thread would ever mention.
///
/// ```swift
/// let watchdog = try Watchdog(limit: .seconds(2)) { handler in print(handler) }
/// watchdog.watch(reactor)
/// ```
///
/// It looks twice in the time of the limit, so that a report comes after at most one and a half times the limit, and
/// there is one report for each call of a handler. Time is elapsed time: a thread that the system does not run, and a
/// process that is stopped, count as held.
///
/// A reactor that is watched takes a lock when a handler begins, and when it ends. The watchdog runs until it is
/// released or ``stop()`` is called, and does not keep reactors alive.
public final class Watchdog: Sendable {
    private struct Watched {
        weak var pulse: HandlerPulse?
        let reactor: ReactorHandle
    }

    /// nil when the watchdog has stopped.
    private let watched: Locked<[Watched]?>
    private let thread: ReactorThread

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - limit: How long a handler may take; at least 2 ms.
    ///   - report: Called on the watchdog's thread.
    /// - Throws: ``ReactorError`` when the thread cannot be started.
    public init(limit: Duration, _ report: @escaping @Sendable (SlowHandler) -> Void) throws {
        let watched = Locked<[Watched]?>([])
        let nanoseconds = max(2_000_000, limit.roundedUpNanoseconds)
        self.watched = watched
        thread = try Reactor.start(named: "watchdog") { reactor in
            reactor.every(.nanoseconds(nanoseconds / 2)) { _ in
                let now = Reactor.monotonicClock()
                let pulses = watched.withLock { watched in
                    watched?.removeAll { $0.pulse == nil }
                    return watched?.compactMap(\.pulse) ?? []
                }
                for pulse in pulses {
                    if let slow = pulse.overdue(at: now, limit: nanoseconds) { report(slow) }
                }
            }
        }
    }

    deinit { stop() }

    /// Watches a reactor from now on. Call it on the thread of that reactor, once. Does nothing after ``stop()``.
    public func watch(_ reactor: Reactor) {
        let (pulse, handle) = (HandlerPulse(), reactor.handle)
        let isWatched = watched.withLock { watched in
            watched?.append(Watched(pulse: pulse, reactor: handle))
            return watched != nil
        }
        if isWatched { reactor.add(pulse) }
    }

    /// Ends the watch of all reactors, without waiting for a report that is being made. Each reactor stops measuring in
    /// one of its next turns.
    public func stop() {
        thread.stop()
        let former = watched.withLock { watched in exchange(&watched, with: nil) ?? [] }
        for former in former {
            guard let pulse = former.pulse else { continue }
            former.reactor.submitUnlimited { reactor in reactor.remove(pulse) }
        }
    }
}
