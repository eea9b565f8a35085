/// How a reactor waits when a turn finds nothing to do.
///
/// Sleeping and being woken takes tens of microseconds on a virtual machine. A reactor that polls for events a little
/// longer before it sleeps saves this time, at the price of processor time.
///
/// The strategy changes nothing else: timers are on time, and `submit` and `stop` take effect at once.
public struct IdleStrategy: Sendable, Equatable {
    enum Kind: Equatable {
        case adaptive, park
        /// For this many nanoseconds.
        case busyPoll(Int64)
        /// Of a reactor in virtual time.
        case passTime
    }

    let kind: Kind

    /// After something has arrived, the reactor polls for at most 50 µs before it sleeps, yielding its processor
    /// meanwhile (see sched_yield(2)). It does so only while events tend to arrive that soon: each miss makes polls
    /// rarer, down to one turn in 64, and a hit resets this. An idle reactor sleeps. This is the default.
    public static let adaptive = IdleStrategy(kind: .adaptive)

    /// The reactor sleeps at once.
    public static let park = IdleStrategy(kind: .park)

    /// The reactor polls for up to `time` in every turn before it sleeps, without yielding its processor, except to
    /// another thread of the program with which it exchanges messages.
    ///
    /// For work that arrives at short intervals and must not be delayed, on a processor that nothing else needs: if the
    /// source of the work shares it, everything becomes slower. A good value is somewhat more than the usual interval
    /// between two events. Zero or less is the same as ``park``.
    public static func busyPoll(_ time: Duration) -> IdleStrategy {
        let nanoseconds = time.roundedUpNanoseconds
        return nanoseconds > 0 ? IdleStrategy(kind: .busyPoll(nanoseconds)) : .park
    }
}

extension IdleStrategy {
    /// How something is polled that is no descriptor: memory that another process changes.
    package struct Polling {
        /// How long before it sleeps, in nanoseconds.
        package let limit: Int64
        /// Whether the processor is yielded meanwhile, and whether it is learned if polling pays off.
        package let isAdaptive: Bool
    }

    package var polling: Polling {
        switch kind {
        case .adaptive: Polling(limit: AdaptiveWaiting.limit, isAdaptive: true)
        case .busyPoll(let time): Polling(limit: time, isAdaptive: false)
        case .park, .passTime: Polling(limit: 0, isAdaptive: false)
        }
    }
}
