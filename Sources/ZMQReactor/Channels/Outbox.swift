import EventReactor
import ZMTP

/// Messages that other threads send with a socket, on their way to its queues.
///
/// Rules:
/// * A message counts from the moment it is put in until the socket has queued or dropped it, against the high-water
///   mark of its recipient: each peer of a type that addresses its peers, or else the only one, `anyone`.
/// * Sends that wait are served in the order in which they began to wait. While one waits for a recipient, no other
///   send goes ahead of it.
/// * The socket's loop is woken by the first message after it has taken everything, and by no other.
/// * A message that has been accepted is the socket's: neither a cancellation nor the end of the outbox takes it back.
final class Outbox: Sendable {
    /// The recipient of a message that is addressed to no peer.
    static let anyone: UInt32 = 0

    struct Item: Sendable {
        let message: Message
        let recipient: UInt32
        var credit: Credit { Credit(messages: 1, bytes: message.wireSize) }
    }

    typealias Continuation = CheckedContinuation<ZMQError?, Never>

    /// A send that waits for room.
    fileprivate struct Waiter {
        let item: Item
        let continuation: Continuation
    }

    fileprivate struct Recipient {
        var window: CreditWindow
        /// The numbers of the sends that wait for it, in order; those before `first` have been served.
        var waiting: [Int] = []
        var first = 0
        /// Roughly how many of these were cancelled.
        var cancelled = 0

        var nextWaiting: Int? { first < waiting.count ? waiting[first] : nil }

        mutating func dropNextWaiting() {
            first += 1
            if first > 32, first > waiting.count / 2 { (waiting, first) = (Array(waiting[first...]), 0) }
        }
    }

    fileprivate struct State {
        var items: [Item] = []
        var recipients: [UInt32: Recipient] = [:]
        var waiters: [Int: Waiter] = [:]
        /// Sends whose task was cancelled before they began to wait.
        var cancelled: Set<Int> = []
        var nextNumber = 0
        /// Whether the loop has been woken and has not taken anything since.
        var isSignalled = false
        /// The error of every further call, once the socket is closed.
        var end: ZMQError?
    }

    private let state: Locked<State>
    private let reactor: ReactorHandle
    private let wakeup: Wakeup

    init(on reactor: ReactorHandle, wakeup: Wakeup) {
        (self.reactor, self.wakeup) = (reactor, wakeup)
        state = Locked(State())
    }

    // MARK: Any thread

    /// Puts a message in, if there is room; returns whether there is.
    func put(_ message: Message, for recipient: UInt32) throws(ZMQError) -> Bool {
        let item = Item(message: message, recipient: recipient)
        enum Outcome { case accepted(wakes: Bool), wouldBlock, failed(ZMQError) }
        let outcome: Outcome = state.withLock { state in
            if let error = state.refusal(of: recipient) { return .failed(error) }
            guard state.admit(item) else { return .wouldBlock }
            return .accepted(wakes: state.signals())
        }
        switch outcome {
        case .accepted(let wakes):
            if wakes { wake() }
            return true
        case .wouldBlock: return false
        case .failed(let error): throw error
        }
    }

    /// Puts a message in as soon as there is room.
    nonisolated(nonsending) func putWhenReady(_ message: Message, for recipient: UInt32) async throws(ZMQError) {
        guard !Task.isCancelled else { throw .taskEnded }
        if try put(message, for: recipient) { return }
        let item = Item(message: message, recipient: recipient)
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        let error = await withTaskCancellationHandler {
            await withCheckedContinuation { wait(for: item, number, $0) }
        } onCancel: {
            cancel(number)
        }
        _ = state.withLock { $0.cancelled.remove(number) }
        if let error { throw error }
    }

    private func wait(for item: Item, _ number: Int, _ continuation: Continuation) {
        enum Outcome { case waits, accepted(wakes: Bool), failed(ZMQError) }
        let outcome: Outcome = state.withLock { state in
            if let error = state.refusal(of: item.recipient) { return .failed(error) }
            if state.cancelled.contains(number) { return .failed(.taskEnded) }
            // There may be room by now.
            if state.admit(item) { return .accepted(wakes: state.signals()) }
            state.waiters[number] = Waiter(item: item, continuation: continuation)
            state.recipients[item.recipient]?.waiting.append(number)
            return .waits
        }
        switch outcome {
        case .waits: break
        case .accepted(let wakes):
            if wakes { wake() }
            continuation.resume(returning: nil)
        case .failed(let error): continuation.resume(returning: error)
        }
    }

    private func cancel(_ number: Int) {
        let waiter: Waiter? = state.withLock { state in
            guard let waiter = state.waiters.removeValue(forKey: number) else {
                state.cancelled.insert(number)
                return nil
            }
            state.countCancelled(for: waiter.item.recipient)
            return waiter
        }
        waiter?.continuation.resume(returning: .taskEnded)
    }

    private func wake() {
        guard !reactor.signal(wakeup) else { return }
        // Without its loop, the socket sends nothing.
        _ = close(with: ZMQError(.closed, "the socket's reactor is gone"))
    }

    // MARK: The socket

    /// Messages for this recipient are accepted from now on.
    func add(_ recipient: UInt32, _ window: CreditWindow) {
        state.withLock { $0.recipients[recipient] = Recipient(window: window) }
    }

    /// The recipient is gone: sends that wait for it fail.
    func remove(_ recipient: UInt32) {
        let waiters: [Waiter] = state.withLock { state in
            guard let gone = state.recipients.removeValue(forKey: recipient) else { return [] }
            return gone.waiting[gone.first...].compactMap { state.waiters.removeValue(forKey: $0) }
        }
        for waiter in waiters { waiter.continuation.resume(returning: .noPeerHasRoutingID) }
    }

    /// Takes everything out.
    func take() -> [Item] {
        state.withLock { state in
            state.isSignalled = false
            return exchange(&state.items, with: [])
        }
    }

    /// The socket has queued or dropped this much. Returns whether that has let further messages in.
    func release(_ released: [UInt32: Credit]) -> Bool {
        let served: [Continuation] = state.withLock { state in
            var served: [Continuation] = []
            for (recipient, credit) in released {
                state.recipients[recipient]?.window.acknowledge(credit)
                state.serve(recipient, &served)
            }
            return served
        }
        for continuation in served { continuation.resume(returning: nil) }
        return !served.isEmpty
    }

    /// Accepts nothing more. Returns what has not been taken.
    func close(with error: ZMQError) -> [Item] {
        let (items, waiters): ([Item], [Waiter]) = state.withLock { state in
            if state.end == nil { state.end = error }
            state.recipients = [:]
            let waiters = Array(exchange(&state.waiters, with: [:]).values)
            return (exchange(&state.items, with: []), waiters)
        }
        for waiter in waiters { waiter.continuation.resume(returning: error) }
        return items
    }

    /// The sends that wait for a recipient.
    func waiting(for recipient: UInt32) -> Int {
        state.withLock { state in state.waiters.values.count { $0.item.recipient == recipient } }
    }

    /// The memory that waiting sends take, in sends.
    func lineLength(for recipient: UInt32) -> Int { state.withLock { $0.recipients[recipient]?.waiting.count ?? 0 } }

    /// The messages that have not been taken.
    var count: Int { state.withLock { $0.items.count } }
}

extension Outbox.State {
    /// Why no message is accepted for this recipient; nil if there may be room.
    fileprivate func refusal(of recipient: UInt32) -> ZMQError? {
        if let end { return end }
        return recipients[recipient] == nil ? .noPeerHasRoutingID : nil
    }

    /// Puts a message in; returns whether there was room, and no other send waits for it.
    fileprivate mutating func admit(_ item: Outbox.Item) -> Bool {
        guard let recipient = recipients[item.recipient], recipient.window.canReserve(behind: .zero),
            !hasWaiting(for: item.recipient)
        else { return false }
        recipients[item.recipient]!.window.reserve(item.credit)
        items.append(item)
        return true
    }

    /// Whether a send waits for the recipient. Forgets those that were cancelled.
    private mutating func hasWaiting(for recipient: UInt32) -> Bool {
        while let number = recipients[recipient]?.nextWaiting {
            if waiters[number] != nil { return true }
            recipients[recipient]!.dropNextWaiting()
        }
        return false
    }

    /// Forgets cancelled sends behind one that waits, when half are such.
    fileprivate mutating func countCancelled(for number: UInt32) {
        guard var recipient = recipients[number] else { return }
        recipient.cancelled += 1
        if recipient.cancelled > 32, recipient.cancelled > (recipient.waiting.count - recipient.first) / 2 {
            recipient.waiting = recipient.waiting[recipient.first...].filter { waiters[$0] != nil }
            (recipient.first, recipient.cancelled) = (0, 0)
        }
        recipients[number] = recipient
    }

    /// Puts in the messages of sends that have waited, as far as there is room.
    fileprivate mutating func serve(_ recipient: UInt32, _ served: inout [Outbox.Continuation]) {
        while hasWaiting(for: recipient), let next = recipients[recipient],
            next.window.canReserve(behind: .zero), let number = next.nextWaiting,
            let waiter = waiters.removeValue(forKey: number)
        {
            recipients[recipient]!.dropNextWaiting()
            recipients[recipient]!.window.reserve(waiter.item.credit)
            items.append(waiter.item)
            served.append(waiter.continuation)
        }
    }

    /// Whether the loop has to be woken, which is then done.
    fileprivate mutating func signals() -> Bool { !exchange(&isSignalled, with: true) }
}

extension ZMQError {
    fileprivate static var taskEnded: ZMQError { ZMQError(.cancelled, "the task was cancelled") }
}
