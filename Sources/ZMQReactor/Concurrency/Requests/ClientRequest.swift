import Synchronization
import ZMTP

/// A request of a ``RequestClient``, and the task that waits for its reply.
///
///     new ── begin ──▶ waiting ── end ──▶ over
///      └────────── end ──────────▶ over
///
/// Its first end counts: the reply, an error, or the cancellation of the task, from any thread.
///
/// Sendable because `message` and `timeout` never change; `continuation` is written before the state becomes `waiting`,
/// and read only by the one caller that changes it from there; and what is marked so belongs to the loop's thread, to
/// which the lock of the inbox hands the request over.
final class ClientRequest: @unchecked Sendable {
    typealias Outcome = Result<Message, ZMQError>

    #if DEBUG
        typealias Continuation = CheckedContinuation<Outcome, Never>
    #else
        // A checked continuation would be one more allocation for each request.
        typealias Continuation = UnsafeContinuation<Outcome, Never>
    #endif

    /// Where the loop has the request.
    enum Place { case none, line, table, finished }

    let message: Message
    /// The limit of one attempt.
    let timeout: Duration?

    private let state = Atomic(State.new)
    private var continuation: Continuation?

    // For the loop's thread.
    var place = Place.none
    var number: UInt32 = 0
    /// When the attempt ends, in the reactor's time; `max` for never.
    var deadline = Int64.max
    /// The attempts after this one.
    var retries: Int

    private enum State {
        static let new: UInt8 = 0
        static let waiting: UInt8 = 1
        static let over: UInt8 = 2
    }

    init(_ message: Message, timeout: Duration?, retries: Int) {
        (self.message, self.timeout, self.retries) = (message, timeout, max(0, retries))
    }

    // Whatever becomes of the reactor, the task continues.
    deinit { end(.failure(.clientClosed)) }

    /// Returns false, and ends the wait, if the task has already been cancelled.
    func begin(_ continuation: Continuation) -> Bool {
        self.continuation = continuation
        let (isNew, _) = state.compareExchange(
            expected: State.new,
            desired: State.waiting,
            ordering: .acquiringAndReleasing
        )
        if !isNew { continuation.resume(returning: .failure(.taskCancelled)) }
        return isNew
    }

    /// Ends the wait. Returns whether this was the first end.
    @discardableResult
    func end(_ outcome: Outcome) -> Bool {
        let former = state.exchange(State.over, ordering: .acquiringAndReleasing)
        if former == State.waiting { continuation.take()?.resume(returning: outcome) }
        return former != State.over
    }

    var isOver: Bool { state.load(ordering: .acquiring) == State.over }
}

extension ZMQError {
    static let clientClosed = ZMQError(.closed, "the request client was closed")
}
