/// A clock that moves only when it is advanced: its timers run in virtual time.
///
/// A reactor with such a clock arms no real alarm. Advance the clock, then run a `.nowait` turn; a turn that may block
/// would wait for descriptors alone.
package final class ManualClock {
    /// Nanoseconds since the clock's beginning.
    package private(set) var nanoseconds: Int64

    package init(nanoseconds: Int64 = 1_000_000_000) {
        self.nanoseconds = nanoseconds
    }

    /// Advances the time; a negative duration does nothing.
    package func advance(by duration: Duration) {
        nanoseconds = nanoseconds.addingSaturating(max(0, duration.roundedUpNanoseconds))
    }
}
