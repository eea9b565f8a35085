import EventReactor

/// A connection that may have to wait for its last bytes to be acknowledged.
protocol AcknowledgedConnection: AnyObject {
    /// Whether it is over.
    var isEnded: Bool { get }

    /// Bytes that have been written and that the peer's operating system has not acknowledged, where closing could lose
    /// them.
    var unacknowledged: Int { get }

    /// Ends the connection now.
    func end(_ reason: EventReason)
}

/// The connections of a loop that have sent everything, and wait for their peers' operating systems to acknowledge it.
///
/// There is no event for that, so connections are polled: each one after 5 ms, and then each time after twice as long,
/// up to 640 ms. Those with the same delay are polled together, and one timer serves them all. Most peers close, too,
/// and that is an event. The linger of the closing side limits the whole wait.
final class AcknowledgementWatch: ReactorLocal, TimerHandler {
    /// Held by what ends it, not by this.
    private struct Member {
        weak var connection: (any AcknowledgedConnection)?
    }

    private var rounds = [[Member]](repeating: [], count: 8)
    /// When each round is polled next.
    private var deadlines = [Int64](repeating: .max, count: 8)
    private var timer: ReactorTimer?
    /// How many connections have been added and not been reported as ended.
    private var waiting = 0
    private unowned var reactor: Reactor?

    private static func interval(_ round: Int) -> Int64 { 5_000_000 << Int64(round) }

    /// Ends the connection when everything has been acknowledged, unless it has ended before.
    func add(_ connection: any AcknowledgedConnection, on reactor: Reactor) {
        self.reactor = reactor
        waiting += 1
        enter(Member(connection: connection), 0, at: reactor.nanoseconds)
        setTimer()
    }

    /// A connection that was added has ended, for whatever reason. The timer ends with the last one: a loop without
    /// connections sleeps.
    func connectionEnded() {
        waiting -= 1
        guard waiting == 0 else { return }
        timer?.cancel()
        timer = nil
        for round in rounds.indices { (rounds[round], deadlines[round]) = ([], .max) }
    }

    private func enter(_ member: Member, _ round: Int, at now: Int64) {
        if rounds[round].isEmpty { deadlines[round] = now + Self.interval(round) }
        rounds[round].append(member)
    }

    private func setTimer() {
        guard let reactor, let next = deadlines.min(), next < .max else { return }
        let delay = Duration.nanoseconds(next - reactor.nanoseconds)
        if timer?.reschedule(after: delay) != true { timer = reactor.after(delay, handler: self) }
    }

    func timerFired(_ timer: ReactorTimer) {
        guard let now = reactor?.nanoseconds else { return }
        // From the last to the first, so that what enters the next round is not polled again at once.
        for round in rounds.indices.reversed() where deadlines[round] <= now {
            let members = rounds[round]
            (rounds[round], deadlines[round]) = ([], .max)
            for member in members {
                guard let connection = member.connection, !connection.isEnded else { continue }
                if connection.unacknowledged == 0 {
                    // The application may close others in this call, which enter the first round.
                    connection.end(.closed)
                } else {
                    enter(member, min(round + 1, rounds.count - 1), at: now)
                }
            }
        }
        setTimer()
    }
}
