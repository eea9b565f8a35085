import EventReactor

/// Pending waits for enough subscribers.
struct SubscriberWaits {
    /// One wait.
    final class Wait {
        let count: Int
        /// The topic that the peers must be subscribed to; nil if any subscription will do.
        let topic: [UInt8]?
        let body: (Result<Void, ZMQError>) -> Void
        var timer: ReactorTimer?

        init(_ count: Int, _ topic: [UInt8]?, _ body: @escaping (Result<Void, ZMQError>) -> Void) {
            self.count = count
            self.topic = topic
            self.body = body
        }
    }

    private var waits: [Wait] = []

    var isEmpty: Bool { waits.isEmpty }
    var count: Int { waits.count }

    mutating func append(_ wait: Wait) { waits.append(wait) }

    /// Removes the waits for which `isOver` holds. Their owner calls them afterwards, because they may wait again.
    mutating func take(where isOver: (Wait) -> Bool) -> [Wait] {
        let over = waits.filter(isOver)
        guard !over.isEmpty else { return [] }
        waits.removeAll { wait in over.contains { $0 === wait } }
        for wait in over { wait.timer?.cancel() }
        return over
    }
}
