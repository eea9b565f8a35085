import Synchronization

/// What has passed through the connections of outposts, counted on their threads and read on the socket's.
final class OutpostTraffic: Sendable {
    private let messagesSent = Atomic(0)
    private let bytesSent = Atomic(0)
    private let bytesReceived = Atomic(0)
    private let messagesDropped = InlineArray<9, Atomic<Int>> { _ in Atomic(0) }
    private let messagesReplaced = Atomic(0)
    private let reconnects = Atomic(0)
    private let roundTripNanoseconds = Atomic(-1)

    func count(sent: Int, received: Int) {
        if sent > 0 { bytesSent.add(sent, ordering: .relaxed) }
        if received > 0 { bytesReceived.add(received, ordering: .relaxed) }
    }

    func countReconnect() { reconnects.add(1, ordering: .relaxed) }

    func countSent(_ count: Int) { messagesSent.add(count, ordering: .relaxed) }

    /// Messages are dropped on this thread.
    func countDropped(_ count: Int, _ reason: DropReason) {
        messagesDropped[reason.index].add(count, ordering: .relaxed)
    }

    /// Messages have arrived, and a newer one before they were taken.
    func countReplaced(_ count: Int) { messagesReplaced.add(count, ordering: .relaxed) }

    func noteRoundTrip(_ time: Duration) { roundTripNanoseconds.store(Int(time / .nanoseconds(1)), ordering: .relaxed) }

    /// How long the last answer to a PING took; nil when there was none.
    var roundTrip: Duration? {
        let time = roundTripNanoseconds.load(ordering: .relaxed)
        return time < 0 ? nil : .nanoseconds(time)
    }

    /// Messages that have left.
    var messages: Int { messagesSent.load(ordering: .relaxed) }

    var bytes: (sent: Int, received: Int) {
        (bytesSent.load(ordering: .relaxed), bytesReceived.load(ordering: .relaxed))
    }

    /// The socket's own statistics, with this.
    func added(to own: SocketStatistics) -> SocketStatistics {
        var all = own
        all.messagesSent += messages
        let replaced = messagesReplaced.load(ordering: .relaxed)
        all.messagesReceived += replaced
        all.dropped[.conflated] += replaced
        for reason in DropReason.all {
            all.dropped[reason] += messagesDropped[reason.index].load(ordering: .relaxed)
        }
        all.bytesSent += bytes.sent
        all.bytesReceived += bytes.received
        all.reconnects += reconnects.load(ordering: .relaxed)
        return all
    }
}
