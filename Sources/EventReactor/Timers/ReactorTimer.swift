/// A one-shot or repeating timer of a ``Reactor``, on the monotonic clock.
///
/// It is never early: it fires when its deadline has passed, counted from the time of the turn that started it, and
/// well within a millisecond on a reactor with nothing else to do.
public final class ReactorTimer: ActiveWatcher, TimerQueueElement {
    /// Time between ticks in nanoseconds; 0 for a timer that fires once.
    private let interval: Int64
    private let missedTicks: MissedTicks
    private var action: Action

    private let reactor: ReactorReference
    var position = -1  // only read and assigned
    /// When the tick was due. A late tick has a later time than this in the queue.
    private var due: Int64
    private var isFiring = false

    /// The handler or closure.
    enum Action {
        case handler(any TimerHandler)
        case body((ReactorTimer) throws -> Void)
        case nothing

        var object: (any TimerHandler)? { if case .handler(let handler) = self { handler } else { nil } }
    }

    init(
        on reactor: Reactor,
        deadline: Int64,
        interval: Int64 = 0,
        missedTicks: MissedTicks = .skip,
        _ action: consuming Action
    ) {
        self.reactor = ReactorReference(reactor)
        self.interval = interval
        self.missedTicks = missedTicks
        self.action = action
        due = deadline
        reactor.timers.insert(self, deadline: deadline)
    }

    /// Whether it will fire. A one-shot timer is inactive from the moment its handler is called.
    public var isActive: Bool { position >= 0 }

    /// Stops the timer for good and releases its handler, which is not called again. Cancelling again does nothing.
    public func cancel() {
        if isActive {
            reactor.use {
                $0.checkThread()
                $0.timers.remove(self)
            }
        }
        isFiring = false
        releaseHandler()
    }

    /// Restarts the timer to fire after the delay, counted from ``Reactor/now``; a repeating one keeps its interval
    /// from there.
    ///
    /// Works on an active timer, and on a one-shot timer within its own handler. A delay of zero or less means the next
    /// turn.
    ///
    /// - Returns: `false` when it is too late: the timer is cancelled, or has fired and is finished.
    @discardableResult
    public func reschedule(after delay: Duration) -> Bool {
        guard isActive || isFiring else { return false }
        reactor.use {
            due = $0.deadline(after: delay)
            if isActive {
                $0.timers.reschedule(self, deadline: due)
            } else {
                $0.timers.insert(self, deadline: due)
            }
        }
        return true
    }

    func fire(at now: Int64) {
        if interval > 0 {
            due = nextTick(after: now)
            reactor.use { $0.timers.reschedule(self, deadline: max(due, now)) }
            call()
        } else {
            reactor.use { $0.timers.remove(self) }
            isFiring = true
            call()
            isFiring = false
            if !isActive { releaseHandler() }
        }
    }

    /// Multiples of the interval counted from the start, so that delays do not add up.
    private func nextTick(after now: Int64) -> Int64 {
        let next = due.addingSaturating(interval)
        guard missedTicks == .skip, next <= now else { return next }
        return next.addingSaturating((now - next) / interval * interval).addingSaturating(interval)
    }

    private func call() { reactor.use { $0.call(.timer(interval: interval, action.object), callAction) } }

    @inline(__always)
    private func callAction() {
        switch action {
        case .handler(let handler): handler.timerFired(self)
        case .body(let body):
            do { try body(self) } catch { reactor.use { $0.handlerFailed(error, of: self) } }
        case .nothing: break
        }
    }

    func releaseHandler() { action = .nothing }

    func endSuspension() {
        guard let suspended = action.object as? any SuspensionHandler else { return }
        cancel()
        suspended.suspensionEnds()
    }

    func detach() { reactor.use { $0.timers.remove(self) } }
}

@available(*, unavailable, message: "a timer belongs to the thread of its reactor")
extension ReactorTimer: Sendable {}
