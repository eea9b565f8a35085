import EventReactor
import ZMTP

/// Messages on their way from a socket's loop to tasks anywhere.
///
/// Rules:
/// * A message counts against the window from the moment the loop puts it in until a task has taken it.
/// * The loop puts in what there is room for. When it has found no room, it goes on, or is woken, once the window is
///   half empty, and at no other time.
/// * Tasks that wait are served in the order in which they began to. While one waits, the buffer is empty.
/// * What was put in before the end is delivered; then every call gets the error.
final class MessageBuffer: Sendable {
    typealias Outcome = Result<Message, ZMQError>
    typealias Continuation = CheckedContinuation<Outcome, Never>

    fileprivate struct State {
        var messages: ContiguousArray<Message?> = []
        /// Those before this one have been taken.
        var next = 0
        var window: CreditWindow
        var waiters: [(number: Int, continuation: Continuation)] = []
        /// Waits whose task was cancelled before they began.
        var cancelled: Set<Int> = []
        var lastNumber = 0
        /// Whether the loop has found no room.
        var isLoopWaiting = false
        var end: ZMQError?

        var count: Int { messages.count - next }
    }

    private let state: Locked<State>
    private let reactor: ReactorHandle
    private let wakeup: Wakeup

    init(_ window: CreditWindow, on reactor: ReactorHandle, wakeup: Wakeup) {
        (self.reactor, self.wakeup) = (reactor, wakeup)
        state = Locked(State(window: window))
    }

    // MARK: Any thread

    /// Takes the next message; nil if there is none.
    func take() throws(ZMQError) -> Message? {
        enum Outcome { case message(Message, wakes: Bool), nothing, failed(ZMQError) }
        let outcome: Outcome = state.withLock { state in
            if let message = state.popFirst() { return .message(message, wakes: state.wakesLoop()) }
            return state.end.map { .failed($0) } ?? .nothing
        }
        switch outcome {
        case .message(let message, let wakes):
            if wakes { _ = reactor.signal(wakeup) }
            return message
        case .nothing: return nil
        case .failed(let error): throw error
        }
    }

    /// Takes the next message as soon as there is one.
    nonisolated(nonsending) func takeWhenReady() async throws(ZMQError) -> Message {
        guard !Task.isCancelled else { throw .taskCancelled }
        if let message = try take() { return message }
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { wait(number, $0) }
        } onCancel: {
            cancel(number)
        }
        _ = state.withLock { $0.cancelled.remove(number) }
        return try outcome.get()
    }

    private func wait(_ number: Int, _ continuation: Continuation) {
        let outcome: (Outcome, wakes: Bool)? = state.withLock { state in
            if state.cancelled.contains(number) { return (.failure(.taskCancelled), false) }
            // There may be one by now.
            if let message = state.popFirst() { return (.success(message), state.wakesLoop()) }
            if let end = state.end { return (.failure(end), false) }
            state.waiters.append((number, continuation))
            return nil
        }
        guard let (outcome, wakes) = outcome else { return }
        if wakes { _ = reactor.signal(wakeup) }
        continuation.resume(returning: outcome)
    }

    private func cancel(_ number: Int) {
        let continuation: Continuation? = state.withLock { state in
            if let index = state.waiters.firstIndex(where: { $0.number == number }) {
                return state.waiters.remove(at: index).continuation
            }
            state.cancelled.insert(number)
            return nil
        }
        continuation?.resume(returning: .failure(.taskCancelled))
    }

    // MARK: The loop

    /// Whether there is room for one more; if not, the loop is woken when there is.
    func hasRoom(behind credit: Credit) -> Bool {
        state.withLock { state in
            if state.window.canReserve(behind: credit) { return true }
            state.isLoopWaiting = true
            return false
        }
    }

    /// Puts messages in, for which there is room. Returns whether the loop, which has found no room for more, is to go
    /// on: what waiting tasks have got takes no room.
    func put(_ messages: [Message]) -> Bool {
        let (served, goesOn): ([(Continuation, Message)], Bool) = state.withLock { state in
            var served: [(Continuation, Message)] = []
            for message in messages {
                if served.count < state.waiters.count {
                    served.append((state.waiters[served.count].continuation, message))
                } else {
                    state.window.reserve(message.credit)
                    state.messages.append(message)
                }
            }
            state.waiters.removeFirst(served.count)
            return (served, state.wakesLoop())
        }
        for (continuation, message) in served { continuation.resume(returning: .success(message)) }
        return goesOn
    }

    /// Nothing more is put in.
    func end(_ error: ZMQError) {
        let waiters = state.withLock { state in
            if state.end == nil { state.end = error }
            let waiters = state.waiters
            state.waiters = []
            return waiters.map(\.continuation)
        }
        for waiter in waiters { waiter.resume(returning: .failure(error)) }
    }

    /// The messages that no task has taken.
    var count: Int { state.withLock { $0.count } }
}

extension MessageBuffer.State {
    fileprivate mutating func popFirst() -> Message? {
        guard next < messages.count, let message = messages[next] else { return nil }
        messages[next] = nil
        next += 1
        if next == messages.count {
            messages.removeAll(keepingCapacity: messages.count <= 1024)
            next = 0
        } else if next > 64, next > messages.count / 2 {
            messages.removeFirst(next)
            next = 0
        }
        window.acknowledge(message.credit)
        return message
    }

    /// Whether the loop waits for the room that there is now; it does not wait then.
    fileprivate mutating func wakesLoop() -> Bool {
        guard isLoopWaiting, window.isHalfEmpty(with: .zero) else { return false }
        isLoopWaiting = false
        return true
    }
}

extension Message {
    /// What the message counts for in a window.
    var credit: Credit { Credit(messages: 1, bytes: wireSize) }
}
