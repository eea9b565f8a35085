// Whether the peer is still there (section 9.1). Time is an argument, in nanoseconds of any clock that does not go back.
//
//   HB-2    A peer that has set a time to live is gone when nothing arrives for that long.
//   HB-3    Whatever arrives is a sign of life.
//   HB-4    A peer that gives no sign of life for the timeout after a PING was due is gone.
//   HB-5    One PING is under way at a time.
//
// The timeout counts from when the PING is due, not from when it leaves: it waits behind what is being sent, and a peer that has
// frozen keeps it there. Progress of that output is a sign of life as well, so that a large transfer over a slow line goes on. Only
// progress of output that was blocked is one: a buffer with room takes bytes whether the peer lives or not.
//
// All sums saturate: a time without end is a large number.
//
// While this side does not read, the peer's silence means nothing: no verdict is reached and no PING is sent. A peer that
// was told a time to live is told once that it is off, so that our own silence is not held against us.
//
// A message that arrives costs one store: deadlines are worked out when they are asked for.

/// The heartbeat of one connection.
package struct Liveness {
    /// What a socket wants of its heartbeats.
    package struct Settings: Sendable, Equatable {
        /// Time between two PINGs; 0 for never.
        package var interval: Int64
        /// How long there may be no sign of life once a PING is due.
        package var timeout: Int64
        /// What the peer is told, in tenths of a second; 0 for nothing.
        package var timeToLive: UInt16

        package init(interval: Int64, timeout: Int64, timeToLive: UInt16 = 0) {
            self.interval = interval
            self.timeout = timeout
            self.timeToLive = timeToLive
        }

        /// No PINGs, only the peer's own time to live.
        package static let silent = Settings(interval: 0, timeout: 0)
    }

    /// What is to be done at a deadline.
    package enum Action: Equatable {
        case nothing
        /// A PING with this time to live is to be sent; then `pingLeft` is to be called.
        case ping(timeToLive: UInt16)
        /// The peer is gone.
        case end
    }

    /// The PING under way: since when it is due, and when it has left.
    private enum Ping { case none, queued(due: Int64), sent(due: Int64, at: Int64) }

    private let settings: Settings
    private var lastHeard: Int64
    private var lastProgress: Int64
    private var nextPing: Int64
    private var ping = Ping.none
    private var isSuspended = false
    /// Unanswered PINGs that turned a time to live off, before and behind the one under way.
    private var othersBefore = 0
    private var othersBehind = 0

    /// The peer's time to live in tenths of a second, 0 for none.
    package var peerTimeToLive: UInt16 = 0

    /// The time the last answered PING took.
    package private(set) var roundTrip: Int64?

    /// Begins when the handshake is done.
    package init(_ settings: Settings, at now: Int64) {
        self.settings = settings
        lastHeard = now
        lastProgress = now
        nextPing = now.advanced(saturatingBy: settings.interval)
    }

    /// Something has arrived.
    package mutating func heard(at now: Int64) { lastHeard = now }

    /// Output that was blocked has moved on: the operating system has taken some of it, or the peer's has acknowledged some that is ahead
    /// of the PING.
    package mutating func outputMoved(at now: Int64) { lastProgress = now }

    /// Whether a PING is due, or has left, and has not been answered.
    package var awaitsPong: Bool { if case .none = ping { false } else { true } }

    /// The PING that `check` asked for has been given to the operating system.
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

    /// This side stops reading. Says whether a PING that turns the time to live off is to be sent.
    package mutating func suspend() -> Bool {
        guard !isSuspended else { return false }
        isSuspended = true
        guard settings.interval > 0, settings.timeToLive > 0 else { return false }
        if case .none = ping { othersBefore += 1 } else { othersBehind += 1 }
        return true
    }

    /// This side reads again: the peer's silence begins now.
    package mutating func resume(at now: Int64) {
        guard isSuspended else { return }
        isSuspended = false
        lastHeard = now
        nextPing = now
    }

    /// When `check` is to be called next; nil for never, as things are.
    package var deadline: Int64? {
        guard !isSuspended else { return nil }
        let others = [endOfPeer, endOfWait].compactMap { $0 }.min()
        guard case .none = ping, settings.interval > 0 else { return others }
        return min(nextPing, others ?? .max)
    }

    /// What is due.
    package mutating func check(at now: Int64) -> Action {
        guard !isSuspended else { return .nothing }
        if let end = endOfPeer, now >= end { return .end }
        if let end = endOfWait, now >= end { return .end }
        guard case .none = ping, settings.interval > 0, now >= nextPing else { return .nothing }
        ping = .queued(due: now)
        nextPing = now.advanced(saturatingBy: settings.interval)
        return .ping(timeToLive: settings.timeToLive)
    }

    /// When the peer's time to live is over.
    private var endOfPeer: Int64? {
        peerTimeToLive == 0 ? nil : lastHeard.advanced(saturatingBy: Int64(peerTimeToLive) * 100_000_000)
    }

    /// When we have waited long enough for a sign of life.
    private var endOfWait: Int64? {
        switch ping {
        case .none: nil
        case .queued(let due), .sent(let due, _):
            max(due, lastHeard, lastProgress).advanced(saturatingBy: settings.timeout)
        }
    }
}

extension Int64 {
    /// The time so much later, held at the last one there is.
    fileprivate func advanced(saturatingBy duration: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(duration)
        return overflow ? .max : sum
    }
}
