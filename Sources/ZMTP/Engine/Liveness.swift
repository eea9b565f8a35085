// Whether the peer is alive. Time is an argument, in nanoseconds of any clock that does not run backwards.
//
//   HB-2    A peer that has sent a time to live is gone when nothing arrives for that long.
//   HB-3    Any input is a sign of life.
//   HB-4    A peer without a sign of life for the timeout after a PING was due is gone.
//   HB-5    One PING is outstanding at a time.
//
// The timeout counts from when the PING is due, not from when it is sent: it queues behind other output, and a frozen
// peer keeps it there. Progress of that output is a sign of life as well, so that a large transfer over a slow line
// continues. Only progress of blocked output counts: a socket buffer with room accepts bytes whether the peer lives or
// not.
//
// All sums saturate: an unlimited time is a large number.
//
// While this side does not read, timeouts are suspended, and no PING is sent. A peer that knows a time to live gets one
// PING that turns it off, so that our silence does not end the connection.
//
// An arriving message costs one store: deadlines are computed when they are read.

/// The heartbeat of one connection.
package struct Liveness {
    /// A socket's heartbeat settings.
    package struct Settings: Sendable, Equatable {
        /// Time between two PINGs; 0 for never.
        package var interval: Int64
        /// How long the peer may give no sign of life once a PING is due.
        package var timeout: Int64
        /// The time to live sent to the peer, in tenths of a second; 0 for none.
        package var timeToLive: UInt16

        package init(interval: Int64, timeout: Int64, timeToLive: UInt16 = 0) {
            self.interval = interval
            self.timeout = timeout
            self.timeToLive = timeToLive
        }

        /// No PINGs; only the peer's own time to live applies.
        package static let silent = Settings(interval: 0, timeout: 0)
    }

    /// What to do at a deadline.
    package enum Action: Equatable {
        case nothing
        /// Send a PING with this time to live, then call `pingLeft`.
        case ping(timeToLive: UInt16)
        /// The peer is gone.
        case end
    }

    /// The outstanding PING: since when it is due, and when it was sent.
    private enum Ping { case none, queued(due: Int64), sent(due: Int64, at: Int64) }

    private let settings: Settings
    private var lastHeard: Int64
    private var lastProgress: Int64
    private var nextPing: Int64
    private var ping = Ping.none
    private var isSuspended = false
    /// Unanswered PINGs that turned a time to live off, sent before the outstanding one and after it.
    private var othersBefore = 0
    private var othersBehind = 0

    /// The peer's time to live in tenths of a second, 0 for none.
    package var peerTimeToLive: UInt16 = 0

    /// The round-trip time of the last answered PING.
    package private(set) var roundTrip: Int64?

    /// Starts when the handshake is complete.
    package init(_ settings: Settings, at now: Int64) {
        self.settings = settings
        lastHeard = now
        lastProgress = now
        nextPing = now.advanced(saturatingBy: settings.interval)
    }

    /// Something has arrived.
    package mutating func heard(at now: Int64) { lastHeard = now }

    /// Blocked output has progressed: the operating system has accepted some of it, or the peer's has acknowledged
    /// bytes ahead of the PING.
    package mutating func outputMoved(at now: Int64) { lastProgress = now }

    /// Whether a PING that is due or sent has not been answered.
    package var awaitsPong: Bool { if case .none = ping { false } else { true } }

    /// The PING that `check` requested has been passed to the operating system.
    package mutating func pingLeft(at now: Int64) {
        if case .queued(let due) = ping { ping = .sent(due: due, at: now) }
    }

    /// A PONG has arrived.
    package mutating func pong(at now: Int64) {
        if othersBefore > 0 { return othersBefore -= 1 }
        guard case .sent(_, let start) = ping else { return }
        roundTrip = now - start
        ping = .none
        (othersBefore, othersBehind) = (othersBehind, 0)
    }

    /// This side stops reading. Returns whether to send a PING that turns the time to live off.
    package mutating func suspend() -> Bool {
        guard !isSuspended else { return false }
        isSuspended = true
        guard settings.interval > 0, settings.timeToLive > 0 else { return false }
        if case .none = ping { othersBefore += 1 } else { othersBehind += 1 }
        return true
    }

    /// This side reads again: the peer's silence counts from now.
    package mutating func resume(at now: Int64) {
        guard isSuspended else { return }
        isSuspended = false
        lastHeard = now
        nextPing = now
    }

    /// When to call `check` next; nil if nothing is pending.
    package var deadline: Int64? {
        guard !isSuspended else { return nil }
        let others = [endOfPeer, endOfWait].compactMap { $0 }.min()
        guard case .none = ping, settings.interval > 0 else { return others }
        return min(nextPing, others ?? .max)
    }

    /// Returns what is due.
    package mutating func check(at now: Int64) -> Action {
        guard !isSuspended else { return .nothing }
        if let end = endOfPeer, now >= end { return .end }
        if let end = endOfWait, now >= end { return .end }
        guard case .none = ping, settings.interval > 0, now >= nextPing else { return .nothing }
        ping = .queued(due: now)
        nextPing = now.advanced(saturatingBy: settings.interval)
        return .ping(timeToLive: settings.timeToLive)
    }

    /// When the peer's time to live ends.
    private var endOfPeer: Int64? {
        peerTimeToLive == 0 ? nil : lastHeard.advanced(saturatingBy: Int64(peerTimeToLive) * 100_000_000)
    }

    /// When the wait for a sign of life ends.
    private var endOfWait: Int64? {
        switch ping {
        case .none: nil
        case .queued(let due), .sent(let due, _):
            max(due, lastHeard, lastProgress).advanced(saturatingBy: settings.timeout)
        }
    }
}

extension Int64 {
    /// The time later by the duration, clamped to the largest value.
    fileprivate func advanced(saturatingBy duration: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(duration)
        return overflow ? .max : sum
    }
}
