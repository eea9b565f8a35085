import EventReactor

/// Closes the connections of peers whose queue has been full for too long; see ``SocketLimits/slowPeerTimeout``.
///
/// Rules:
/// * A queue is watched from the first message that does not fit until no more than half of it is used.
/// * One timer checks all watched queues, several times within the shortest timeout; it does not run without any.
/// * Messages that fit do not pass through here.
final class SlowPeers {
    private unowned let owner: any PipeOwner
    private let reactor: Reactor
    private var timer: ReactorTimer?

    /// When queues became full, by the number of their pipe in the socket.
    private var since: [Int: Int64] = [:]
    private var interval = Int64.max

    private static let looks: Int64 = 8

    init(of owner: any PipeOwner, on reactor: Reactor) { (self.owner, self.reactor) = (owner, reactor) }

    /// A message did not fit into the queue.
    func watch(_ pipe: Pipe) {
        guard pipe.slot >= 0, !pipe.isHalfEmpty, owner.isOpen else { return }
        pipe.isWatchedAsFull = true
        since[pipe.slot] = reactor.nanoseconds
        let wanted = max(pipe.slowPeerTimeout / Self.looks, 1_000_000)
        guard timer == nil || wanted < interval else { return }
        interval = wanted
        timer?.cancel()
        timer = reactor.every(.nanoseconds(wanted)) { [unowned self] _ in look() }
    }

    private func look() {
        let now = reactor.nanoseconds
        var late: [Pipe] = []
        for (slot, start) in since {
            guard let pipe = slot < owner.pipes.count ? owner.pipes[slot] : nil, isStillFull(pipe) else {
                since[slot] = nil
                continue
            }
            if now - start >= pipe.slowPeerTimeout { late.append(pipe) }
        }
        if since.isEmpty || !owner.isOpen { stop() }
        // Each of these calls may close the socket.
        for pipe in late where pipe.isWatchedAsFull {
            let time = Duration.nanoseconds(pipe.slowPeerTimeout)
            let reason = EventReason.limitExceeded(.slowPeer, "the queue for the peer has been full for \(time)")
            pipe.link?.disconnect(because: reason)
        }
    }

    /// Whether more than half of the queue is used, still or again.
    private func isStillFull(_ pipe: Pipe) -> Bool {
        // Without a connection, or with a new one, it is no longer watched.
        guard pipe.isWatchedAsFull else { return false }
        pipe.link?.refreshCredit()
        guard pipe.isHalfEmpty else { return true }
        pipe.isWatchedAsFull = false
        return false
    }

    private func stop() {
        timer?.cancel()
        timer = nil
        interval = .max
        since.removeAll()
    }

    deinit { timer?.cancel() }
}
