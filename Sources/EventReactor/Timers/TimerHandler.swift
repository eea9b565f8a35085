/// Called by a timer.
public protocol TimerHandler: AnyObject {
    /// The timer is due. It may be cancelled or rescheduled here.
    func timerFired(_ timer: ReactorTimer)
}

/// What a repeating timer does about ticks that passed while the reactor was busy.
public enum MissedTicks: Hashable, Sendable {
    /// Drops them: the next tick is the first one in the future, in step with the start.
    case skip
    /// Catches up: one tick per turn.
    case burst
}
