import EventReactor
import Synchronization

/// Bytes that have arrived from all peers of a socket and that its application has not taken, on whatever threads its
/// connections live. They count in the budget of the context, too, which is one of these for all of its sockets.
///
/// Rules:
/// * What is within the share of its connection is not counted, so that small queues cost nothing, and connections with
///   little to say are read although others fill the budget.
/// * What a connection has left behind that has ended is counted in full: others come in its place, and have shares of
///   their own.
/// * A connection beyond its share that finds the budget used up stops reading, until half of the budget is free. When
///   half as much again has arrived, a new one does so at its first message.
/// * Bytes of unfinished messages are not freed by what the application takes. When there are no others, waiting is in
///   vain: the connection that has brought more of them is to end.
final class ReceiveBudget: Sendable {
    private let limit: Atomic<Int>
    private let whole = Atomic(0)
    private let unfinished = Atomic(0)

    /// The most bytes since memory was last given back.
    private let peak = Atomic(0)

    /// The loops on which connections wait.
    private let waiting = Locked<[ReactorHandle]>([])
    private let isAwaited = Atomic(false)

    /// The budget that this one is part of.
    private let outer: ReceiveBudget?

    /// - Parameter limit: nil for none.
    init(_ limit: Int?, within outer: ReceiveBudget? = nil) {
        self.limit = Atomic(limit ?? .max)
        self.outer = outer
    }

    func setLimit(_ limit: Int?) {
        self.limit.store(limit ?? .max, ordering: .sequentiallyConsistent)
        // Pipes that need more wait again.
        wake()
    }

    /// The bytes that each connection may have beside the budget.
    static func share(of limit: Int?) -> Int { max(min(128 * 1024, (limit ?? .max) / 16), 1) }

    var used: Int {
        whole.load(ordering: .sequentiallyConsistent) + unfinished.load(ordering: .sequentiallyConsistent)
    }

    private var isExhausted: Bool { used > limit.load(ordering: .relaxed) }

    /// Of this budget and the context's, the first that is used up; nil when there is room in both.
    var exhausted: ReceiveBudget? { isExhausted ? self : outer?.exhausted }

    private var isOverflowing: Bool {
        let limit = limit.load(ordering: .relaxed)
        return limit < .max / 2 && used > limit + limit / 2 && hasWholeMessages
    }

    /// Of both, the first with far too much in it, of which the application can take some: shares are over, too.
    var overflowing: ReceiveBudget? { isOverflowing ? self : outer?.overflowing }

    /// Whether there is something that the application can take.
    var hasWholeMessages: Bool { whole.load(ordering: .sequentiallyConsistent) > 0 }

    func change(whole: Int, unfinished: Int) {
        if whole != 0 { self.whole.add(whole, ordering: .sequentiallyConsistent) }
        if unfinished != 0 { self.unfinished.add(unfinished, ordering: .sequentiallyConsistent) }
        if whole + unfinished < 0 || whole < 0 { wakeIfReopened() }
        notePeak()
        outer?.change(whole: whole, unfinished: unfinished)
    }

    private func notePeak() {
        let (used, peak) = (used, peak.load(ordering: .relaxed))
        if used > peak {
            self.peak.store(used, ordering: .relaxed)
        } else if MemoryTrim.isWorthwhile(used, after: peak) {
            self.peak.store(used, ordering: .relaxed)
            MemoryTrim.request()
        }
    }

    // MARK: Waiting

    /// Has the connections wait that a loop has noted.
    func wait(on handle: ReactorHandle) {
        waiting.withLock { waiting in
            if !waiting.contains(where: { $0 === handle }) { waiting.append(handle) }
            isAwaited.store(true, ordering: .sequentiallyConsistent)
        }
        // What has been freed meanwhile was freed without a look at those that wait.
        wakeIfReopened()
    }

    private var isReopened: Bool { used <= limit.load(ordering: .relaxed) / 2 || !hasWholeMessages }

    private func wakeIfReopened() {
        if isAwaited.load(ordering: .sequentiallyConsistent), isReopened { wake() }
    }

    private func wake() {
        let handles = waiting.withLock { waiting in
            defer { waiting = [] }
            isAwaited.store(false, ordering: .sequentiallyConsistent)
            return waiting
        }
        for handle in handles { handle.submitUnlimited { HeldBackPipes.of($0).readOn(with: self) } }
    }
}

extension ReceiveBudget {
    /// Bytes of whole messages that are under way to another thread, and whose connection is gone. They count as long
    /// as this exists.
    final class Claim: Sendable {
        private let budget: ReceiveBudget
        private let byteCount: Int

        /// - Parameter byteCount: bytes that the budget knows of already.
        fileprivate init(on budget: ReceiveBudget, _ byteCount: Int) {
            (self.budget, self.byteCount) = (budget, byteCount)
        }

        deinit { budget.change(whole: -byteCount, unfinished: 0) }
    }
}

extension Pipe {
    func tellBudget(ofWhole whole: Int, unfinished: Int) {
        let share = link == nil ? 0 : budgets.receiveShare
        let new = whole + unfinished > share ? (whole, unfinished) : (0, 0)
        let change = (whole: new.0 - receivingKnown.whole, unfinished: new.1 - receivingKnown.unfinished)
        guard change != (0, 0) else { return }
        let wasCounted = receivingKnown != (0, 0)
        receivingKnown = new
        budgets.receive.change(whole: change.whole, unfinished: change.unfinished)
        guard new != (0, 0) else { return }
        watchTaking()
        if !wasCounted { sink.pipeIsCounted(self) }
    }

    /// To be called when the pipe has no link, and what it holds has changed otherwise than by being taken.
    func tellBudgetOfRest() { tellBudget(ofWhole: inbound.byteCount + receiving.outstanding.bytes, unfinished: 0) }

    func wait(for budget: ReceiveBudget) {
        if HeldBackPipes.of(budgets.reactor).add(self, to: budget) { budget.wait(on: budgets.reactor.handle) }
    }

    func stopWaitingForBudget() {
        guard heldBack == .byBudget else { return }
        let waiting = HeldBackPipes.of(budgets.reactor)
        // Whichever of the two it is.
        if let budget = budgets.knownReceive { waiting.remove(self, from: budget) }
        waiting.remove(self, from: budgets.context.receiving)
    }

    /// What counts the bytes that the budget knows of this pipe from now on; nil when there are none.
    func handOverClaim() -> ReceiveBudget.Claim? {
        guard receivingKnown.whole > 0, let budget = budgets.knownReceive else { return nil }
        defer { receivingKnown.whole = 0 }
        return ReceiveBudget.Claim(on: budget, receivingKnown.whole)
    }

    /// The pipe is gone, and what is in it.
    func forgetReceived() {
        guard receivingKnown != (0, 0) else { return }
        budgets.receive.change(whole: -receivingKnown.whole, unfinished: -receivingKnown.unfinished)
    }
}
