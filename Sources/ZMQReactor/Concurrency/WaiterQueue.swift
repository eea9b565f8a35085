import EventReactor

/// The tasks that wait to receive from a socket, or to send with it, in the order they arrived.
///
/// - One waiter at a time is granted a turn. Its task makes one attempt. If that succeeds, the next waiter is granted;
///   if not, the task goes back to the front of the queue until there is a reason to try again.
/// - While a waiter is queued or granted, a task that arrives does not try: it queues behind them.
final class WaiterQueue {
    /// Ends with nil when the turn is granted, or with an error.
    typealias Waiter = Suspension<ZMQError?>

    // Read on every receive and send of a task. No foreign code runs while they change.
    @exclusivity(unchecked) private var waiting = RingBuffer<Waiter>()
    private var granted: Waiter?

    /// Whether a task that arrives now may try at once.
    var isFree: Bool { granted == nil && waiting.isEmpty }

    /// Grants the turn to the first waiter, unless another one has it.
    func grantNext() {
        guard granted == nil else { return }
        while let waiter = waiting.popFirst() {
            // A cancelled waiter has already ended.
            if waiter.end(nil) {
                granted = waiter
                return
            }
        }
    }

    /// Ends all waits.
    func end(_ error: ZMQError) {
        while let waiter = waiting.popFirst() { waiter.end(error) }
    }

    /// Waits for the turn. The task must call ``leave(_:)`` when it has tried.
    nonisolated(nonsending) func wait(
        on reactor: Reactor,
        atFront: Bool,
        until deadline: Deadline?
    ) async throws(ZMQError) -> Waiter {
        let waiter = Waiter()
        if atFront { waiting.prepend(waiter) } else { waiting.append(waiter) }
        let timer = deadline.map { deadline in
            reactor.after(deadline.remaining(on: reactor)) { _ in waiter.end(deadline.error) }
        }
        let error = await waiter.wait(on: reactor, whenCancelled: .taskCancelled)
        timer?.cancel()
        guard let error else { return waiter }
        remove(waiter)
        throw error
    }

    private func remove(_ waiter: Waiter) {
        for _ in 0..<waiting.count {
            if let other = waiting.popFirst(), other !== waiter { waiting.append(other) }
        }
    }

    /// The granted turn is over.
    func leave(_ waiter: Waiter?) { if granted === waiter { granted = nil } }

    /// When a wait times out.
    struct Deadline {
        private let time: Int64
        private let limit: Duration

        init(_ limit: Duration, on reactor: Reactor) {
            self.limit = limit
            let (time, overflow) = reactor.nanoseconds.addingReportingOverflow(max(0, limit.roundedUpNanoseconds))
            self.time = overflow ? .max : time
        }

        func remaining(on reactor: Reactor) -> Duration { .nanoseconds(time - reactor.nanoseconds) }

        var error: ZMQError { ZMQError(.timedOut, "timed out after \(limit)") }
    }
}

extension ZMQError {
    static let taskCancelled = ZMQError(.cancelled, "the task was cancelled")
}
