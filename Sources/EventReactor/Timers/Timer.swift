/// A one-shot or repeating timer of a ``Reactor``, on the monotonic clock.
///
/// Never early: it fires when its deadline has come, counted from the time of the turn that started it, and a good deal
/// less than a millisecond later on a reactor that has nothing else to do.
public final class Timer: ActiveWatcher {
    /// Time between ticks in nanoseconds; 0 for a timer that fires once.
    private let interval: Int64
    private let missedTicks: MissedTicks
    private var handler: (any TimerHandler)?
    private var body: ((Timer) -> Void)?

    // Touched only while this is active; a reactor makes all that it holds inactive before it is gone.
    private unowned(unsafe) let reactor: Reactor
    private var slot: TimerQueue<Timer>.Slot = Timer.none
    /// When the tick was due. A tick that is late stands in the queue at a later time than this.
    private var due: Int64
    private var isFiring = false
    private static let none: TimerQueue<Timer>.Slot = -1

    init(
        on reactor: Reactor,
        deadline: Int64,
        interval: Int64 = 0,
        missedTicks: MissedTicks = .skip,
        handler: (any TimerHandler)? = nil,
        body: ((Timer) -> Void)? = nil
    ) {
        self.reactor = reactor
        self.interval = interval
        self.missedTicks = missedTicks
        self.handler = handler
        self.body = body
        due = deadline
        slot = reactor.timers.insert(self, deadline: deadline)
    }

    /// Whether it will fire. A one-shot timer is inactive from the moment its handler is called.
    public var isActive: Bool { slot != Self.none }

    /// Stops it for good and lets go of its handler, which is not called any more. Cancelling again does nothing.
    public func cancel() {
        if isActive {
            reactor.checkThread()
            reactor.timers.remove(slot)
            slot = Self.none
        }
        isFiring = false
        releaseHandler()
    }

    /// Has the timer fire after the delay, counted from ``Reactor/now``; a repeating one keeps its interval from there.
    ///
    /// Works on an active timer, and on a one-shot timer within its own handler. A delay of zero or less means the next
    /// turn.
    ///
    /// - Returns: `false` when it was too late: the timer is cancelled, or has fired and is over.
    @discardableResult
    public func reschedule(after delay: Duration) -> Bool {
        guard isActive || isFiring else { return false }
        due = reactor.deadline(after: delay)
        if isActive {
            reactor.timers.reschedule(slot, deadline: due)
        } else {
            slot = reactor.timers.insert(self, deadline: due)
        }
        return true
    }

    func fire(at now: Int64) {
        if interval > 0 {
            due = nextTick(after: now)
            reactor.timers.reschedule(slot, deadline: max(due, now))
            call()
        } else {
            reactor.timers.remove(slot)
            slot = Self.none
            isFiring = true
            call()
            isFiring = false
            if !isActive { releaseHandler() }
        }
    }

    /// Multiples of the interval counted from the start, so that lateness does not add up.
    private func nextTick(after now: Int64) -> Int64 {
        let next = due.addingSaturating(interval)
        guard missedTicks == .skip, next <= now else { return next }
        return next.addingSaturating((now - next) / interval * interval).addingSaturating(interval)
    }

    private func call() {
        if let handler { handler.timerFired(self) } else if let body { body(self) }
    }

    func releaseHandler() {
        handler = nil
        body = nil
    }

    func orphan() { slot = Self.none }
}

@available(*, unavailable, message: "a timer belongs to the thread of its reactor")
extension Timer: Sendable {}
