import EventReactor
import Synchronization

/// Bytes that are queued for all peers of all sockets of a context, which may live on several threads.
///
/// Rules:
/// * It is used up when the bytes reach the limit, and until half of that is free, as a socket's ``SendBudget`` is.
/// * Sockets do not ask for each message: each is told on its thread when this turns, and then looks.
final class SharedSendBudget: Sendable {
    private let limit: Int
    private let used = Atomic(0)
    private let isUsedUp = Atomic(false)

    /// - Parameter limit: nil for none.
    init(_ limit: Int?) { self.limit = limit ?? .max }

    var isExhausted: Bool { isUsedUp.load(ordering: .sequentiallyConsistent) }

    /// Answers whether the budget has turned: used up, or free again. From any thread.
    func change(by bytes: Int) -> Bool {
        used.add(bytes, ordering: .sequentiallyConsistent)
        var hasTurned = false
        // Others change it meanwhile: who turns it looks again, so that what it is in the end goes with the number.
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

extension Context {
    /// Takes part of the budget, or gives it back; answers whether it has turned, which all sockets are told on their threads.
    func changeSendBudget(by bytes: Int) -> Bool {
        guard sending.change(by: bytes) else { return false }
        forEachLoop { reactor in
            for socket in LoopResources.of(reactor).sockets(of: self) { socket.lookAtContextBudget() }
        }
        return true
    }
}
