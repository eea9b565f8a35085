/// How a reactor waits when a turn finds nothing to do.
///
/// Going to sleep and being woken takes tens of microseconds on a virtual machine. A reactor that looks for events a little
/// longer before it sleeps saves them, at the price of processor time.
///
/// Nothing else changes with the strategy: timers are on time, and `submit` and `stop` take effect at once.
public struct IdleStrategy: Sendable, Equatable {
    enum Kind: Equatable {
        case adaptive, park
        /// For so many nanoseconds.
        case busyPoll(Int64)
    }

    let kind: Kind

    var isBusyPoll: Bool { if case .busyPoll = kind { true } else { false } }

    /// After something has arrived, the reactor looks for at most 50 µs before it sleeps, and yields its processor meanwhile
    /// (see sched_yield(2)). It does so only while what it waits for tends to come that soon: each time in vain makes the
    /// next ones rarer, down to one turn in 64, and one success makes them usual again. An idle reactor sleeps. This is the
    /// default.
    public static let adaptive = IdleStrategy(kind: .adaptive)

    /// The reactor sleeps at once.
    public static let park = IdleStrategy(kind: .park)

    /// The reactor looks for up to `time` in every turn before it sleeps, without yielding its processor.
    ///
    /// This is for work that comes at short intervals and must not be late, on a processor that nothing else needs: where the
    /// source of the work shares it, everything becomes slower. A good time is somewhat more than the usual interval between
    /// two events. Zero or less is the same as ``park``.
    public static func busyPoll(_ time: Duration) -> IdleStrategy {
        let nanoseconds = time.roundedUpNanoseconds
        return nanoseconds > 0 ? IdleStrategy(kind: .busyPoll(nanoseconds)) : .park
    }
}
