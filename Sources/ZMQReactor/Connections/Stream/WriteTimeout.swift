import EventReactor
import Glibc

/// Ends a connection that has output waiting when nothing of it has moved for as long as ``SocketOptions/writeTimeout``
/// says: neither has our operating system taken a byte, nor the peer's acknowledged one. What has arrived is delivered
/// first, as after any write that fails.
///
/// It needs nothing of the protocol, so that it holds for peers of every version, and for raw ones.
final class WriteTimeout: TimerHandler {
    private unowned let connection: StreamConnection
    private let limit: Duration
    private var timer: ReactorTimer?
    private var sent = 0
    private var acknowledged = 0

    /// Why the connection ends, once the time is over.
    private(set) var expiry: EventReason?

    /// nil without a limit: then nothing is watched.
    init?(of connection: StreamConnection, _ limit: Duration?) {
        guard let limit else { return nil }
        self.connection = connection
        self.limit = limit
    }

    /// The operating system takes no more for now. The time begins, or begins again when it has taken something since.
    func begin() {
        guard timer == nil || connection.bytesSent > sent else { return }
        sent = connection.bytesSent
        acknowledged = connection.bytesAcknowledged
        if let timer { timer.reschedule(after: limit) } else { timer = connection.reactor.after(limit, handler: self) }
    }

    /// Nothing waits any more.
    func cancel() {
        timer?.cancel()
        timer = nil
    }

    func timerFired(_ timer: ReactorTimer) {
        self.timer = nil
        // A third of the system's buffer has to be free before it takes more, which a slow line needs long for.
        guard connection.bytesAcknowledged == acknowledged else { return begin() }
        expiry = EventReason(.writeTimeout, "the peer has taken no byte for \(limit)")
        connection.writingFailed(ETIMEDOUT)
    }
}
