import Synchronization

/// Bytes that are queued for all peers of all sockets of a context, which may live on several threads.
///
/// Rules:
/// * It is used up when the bytes reach the limit, and until half of that is free, as a socket's ``SendBudget`` is.
/// * Sockets do not look at it for each message: a change of state is posted to the thread of each, which looks then.
final class SharedSendBudget: Sendable {
    private let limit: Int
    private let used = Atomic(0)
    private let isUsedUp = Atomic(false)

    /// - Parameter limit: nil for none.
    init(_ limit: Int?) { self.limit = limit ?? .max }

    /// The bytes that are queued now.
    var bytesUsed: Int { used.load(ordering: .sequentiallyConsistent) }

    var isExhausted: Bool { isUsedUp.load(ordering: .sequentiallyConsistent) }

    /// Changes the number of bytes, from any thread. Returns whether the budget has become used up, or free again.
    func change(by bytes: Int) -> Bool {
        used.add(bytes, ordering: .sequentiallyConsistent)
        var hasTurned = false
        // Other threads change the number meanwhile. After each change of state it is read again, so that the last
        // state fits it.
        while true {
            let (used, isUsedUp) = (used.load(ordering: .sequentiallyConsistent), isExhausted)
            guard isUsedUp ? used <= limit / 2 : used >= limit else { return hasTurned }
            let exchange = self.isUsedUp.compareExchange(
                expected: isUsedUp,
                desired: !isUsedUp,
                ordering: .sequentiallyConsistent
            )
            if exchange.exchanged { hasTurned = true }
        }
    }
}
