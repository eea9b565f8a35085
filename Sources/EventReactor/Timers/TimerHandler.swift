/// What a timer calls when its time has come.
public protocol TimerHandler: AnyObject {
    /// The timer is due. It may be cancelled or rescheduled here.
    func timerFired(_ timer: ReactorTimer)
}

/// What a repeating timer does about ticks that went by while the reactor was busy.
public enum MissedTicks: Hashable, Sendable {
    /// Forgets them: the next tick is the first one in the future, in the rhythm of the start.
    case skip
    /// Makes up for them: one tick per turn until it has caught up.
    case burst
}
