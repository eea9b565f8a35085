import EventReactor
import ZMTP

/// What the tasks that make requests and the loop that sends them share.
///
/// Rules:
/// * A request counts from its submission until the loop has finished with it, and no more than the limit count.
/// * The loop is woken by the first request or cancellation after it has taken everything, and by no other.
final class RequestInbox: Sendable {
    private struct State {
        var requests: ContiguousArray<ClientRequest> = []
        var cancelled: ContiguousArray<ClientRequest> = []
        var unfinished = 0
        /// Whether the loop has been woken and has not taken anything since.
        var isSignalled = false
        /// The error of every further request, once the client is closed or about to be.
        var end: ZMQError?
        /// Whether the loop has ended: it takes nothing any more.
        var isOver = false
        var statistics = RequestClient.Statistics()

        mutating func signals() -> Bool {
            defer { isSignalled = true }
            return !isSignalled
        }
    }

    private let state = Locked(State())
    private let limit: Int
    let reactor: ReactorHandle
    private let wakeup: Wakeup

    init(on reactor: ReactorHandle, wakeup: Wakeup, limit: Int) {
        (self.reactor, self.wakeup, self.limit) = (reactor, wakeup, limit)
    }

    // MARK: Any thread

    /// Submits a request whose task waits, or ends it with an error.
    func submit(_ request: ClientRequest) {
        enum Outcome { case accepted(wakes: Bool), refused(ZMQError) }
        let outcome: Outcome = state.withLock { state in
            if let end = state.end { return .refused(end) }
            guard state.unfinished < limit else {
                state.statistics.refused += 1
                return .refused(
                    ZMQError(.wouldBlock, "the request was not accepted: \(limit) others are sent or wait already")
                )
            }
            state.unfinished += 1
            state.requests.append(request)
            return .accepted(wakes: state.signals())
        }
        switch outcome {
        case .accepted(let wakes): if wakes { wake() }
        case .refused(let error): request.end(.failure(error))
        }
    }

    /// Ends a request because its task was cancelled.
    func cancel(_ request: ClientRequest) {
        guard request.end(.failure(.taskCancelled)) else { return }
        let wakes = state.withLock { state in
            guard !state.isOver else { return false }
            state.cancelled.append(request)
            return state.signals()
        }
        if wakes { wake() }
    }

    private func wake() {
        guard !reactor.signal(wakeup) else { return }
        end(ZMQError(.closed, "the reactor of the request client is gone"))
    }

    /// Accepts nothing more, and ends what the loop has not taken.
    func end(_ error: ZMQError) {
        let requests = state.withLock { state in
            if state.end == nil { state.end = error }
            state.isOver = true
            state.cancelled = []
            let requests = state.requests
            state.requests = []
            state.unfinished -= requests.count
            return requests
        }
        for request in requests { request.end(.failure(error)) }
    }

    /// Accepts nothing more; what has been accepted continues.
    func refuse(_ error: ZMQError) {
        state.withLock { state in if state.end == nil { state.end = error } }
    }

    var statistics: RequestClient.Statistics { state.withLock { $0.statistics } }

    // MARK: The loop

    /// Takes everything out, into arrays that are empty.
    func take(
        _ requests: inout ContiguousArray<ClientRequest>,
        _ cancelled: inout ContiguousArray<ClientRequest>
    ) {
        state.withLock { state in
            state.isSignalled = false
            swap(&state.requests, &requests)
            swap(&state.cancelled, &cancelled)
        }
    }

    /// The loop has finished with so many requests. Returns whether any are left.
    func finish(_ count: Int, _ statistics: RequestClient.Statistics) -> Bool {
        state.withLock { state in
            state.unfinished -= count
            let refused = state.statistics.refused
            state.statistics = statistics
            state.statistics.refused = refused
            return state.unfinished > 0
        }
    }
}
