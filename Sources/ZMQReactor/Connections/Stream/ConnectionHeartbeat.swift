import EventReactor
import ZMTP

/// The heartbeat of a connection that has one: a `Liveness` and its timer.
final class ConnectionHeartbeat: TimerHandler {
    private unowned let connection: StreamConnection
    private var liveness: Liveness
    private var timer: ReactorTimer?

    /// Bytes of the connection that stand ahead of the PING under way; nil while it has not left.
    private var bytesAheadOfPing: Int?
    /// Bytes that the peer's system had acknowledged at the last look.
    private var acknowledged = 0

    init(of connection: StreamConnection, _ settings: Liveness.Settings) {
        self.connection = connection
        liveness = Liveness(settings, at: connection.reactor.nanoseconds)
        setTimer()
    }

    /// How long the peer took to answer the last PING.
    var roundTrip: Duration? { liveness.roundTrip.map { .nanoseconds($0) } }

    private var now: Int64 { connection.reactor.nanoseconds }

    /// Something has arrived. Once per read, so that a message costs nothing; the timer finds out by itself.
    func heard(peerTimeToLive: UInt16) {
        liveness.heard(at: now)
        guard peerTimeToLive != liveness.peerTimeToLive else { return }
        liveness.peerTimeToLive = peerTimeToLive
        setTimer()
    }

    func pong() {
        let isAwaited = liveness.awaitsPong
        liveness.pong(at: now)
        if isAwaited, let roundTrip = liveness.roundTrip {
            connection.counters?.setRoundTrip(.nanoseconds(roundTrip))
            connection.observer.record(.roundTrip(roundTrip))
        }
        setTimer()
    }

    /// What the connection had to say has left, behind so many bytes.
    func controlLeft(behind count: Int) {
        if liveness.awaitsPong, bytesAheadOfPing == nil { bytesAheadOfPing = count }
        liveness.pingLeft(at: now)
        setTimer()
    }

    /// The operating system has taken bytes after it had taken none.
    func outputMoved() { liveness.outputMoved(at: now) }

    func suspend() {
        if liveness.suspend() { connection.ping(timeToLive: 0) }
    }

    func resume() {
        liveness.resume(at: now)
        setTimer()
    }

    func cancel() {
        timer?.cancel()
        timer = nil
    }

    func timerFired(_ timer: ReactorTimer) {
        self.timer = nil
        if liveness.awaitsPong { lookForAcknowledgements() }
        switch liveness.check(at: now) {
        case .nothing: break
        case .ping(let timeToLive):
            bytesAheadOfPing = nil
            acknowledged = connection.bytesAcknowledged
            connection.ping(timeToLive: timeToLive)
        case .end:
            // What has arrived and has not been read yet, because this loop is busy, is a sign of life.
            guard connection.hasUnreadBytes else {
                return connection.end(EventReason(.heartbeatTimeout, "the peer gives no sign of life"))
            }
            liveness.heard(at: now)
        }
        setTimer()
    }

    /// The PING may stand behind megabytes of the system's buffer. As long as these move on, and it is not through, the
    /// peer cannot know of it.
    private func lookForAcknowledgements() {
        let count = connection.bytesAcknowledged
        if count > acknowledged, count <= bytesAheadOfPing ?? .max { liveness.outputMoved(at: now) }
        acknowledged = count
    }

    private func setTimer() {
        guard let deadline = liveness.deadline else { return cancel() }
        let delay = Duration.nanoseconds(deadline - now)
        if let timer { timer.reschedule(after: delay) } else { timer = connection.reactor.after(delay, handler: self) }
    }
}

extension SocketOptions {
    /// The heartbeat options as the protocol's state machine takes them.
    var heartbeat: Liveness.Settings {
        guard let heartbeatInterval else { return .silent }
        let tenths = heartbeatTTL.map { ($0.roundedUpNanoseconds + 99_999_999) / 100_000_000 } ?? 0
        return Liveness.Settings(
            interval: heartbeatInterval.roundedUpNanoseconds,
            timeout: (heartbeatTimeout ?? heartbeatInterval).roundedUpNanoseconds,
            timeToLive: UInt16(clamping: tenths)
        )
    }
}
