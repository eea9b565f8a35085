import EventReactor
import Synchronization

/// Bytes that have arrived from all peers of a socket and that its application has not taken, on whatever threads its connections live.
///
/// Rules:
/// * What is within the share of its connection is not counted, so that small queues cost nothing, and connections with little to say are
///   read although others fill the budget.
/// * A connection beyond its share that finds the budget used up stops reading, until half of the budget is free.
/// * Bytes of unfinished messages are not freed by what the application takes. When there are no others, waiting is in vain: the connection
///   that has brought more of them is to end.
final class ReceiveBudget: Sendable {
    private let limit: Atomic<Int>
    private let whole = Atomic(0)
    private let unfinished = Atomic(0)

    /// The most bytes since memory was last given back.
    private let peak = Atomic(0)

    /// The loops on which connections wait.
    private let waiting = Locked<[ReactorHandle]>([])
    private let isAwaited = Atomic(false)

    /// - Parameter limit: nil for none.
    init(_ limit: Int?) { self.limit = Atomic(limit ?? .max) }

    func setLimit(_ limit: Int?) {
        self.limit.store(limit ?? .max, ordering: .sequentiallyConsistent)
        // Those for whom it is too little wait again.
        wake()
    }

    /// The bytes that each connection may have beside the budget.
    static func share(of limit: Int?) -> Int { max(min(128 * 1024, (limit ?? .max) / 16), 1) }

    private var used: Int {
        whole.load(ordering: .sequentiallyConsistent) + unfinished.load(ordering: .sequentiallyConsistent)
    }

    var isExhausted: Bool { used > limit.load(ordering: .relaxed) }

    /// Whether there is something that the application can take.
    var hasWholeMessages: Bool { whole.load(ordering: .sequentiallyConsistent) > 0 }

    func change(whole: Int, unfinished: Int) {
        if whole != 0 { self.whole.add(whole, ordering: .sequentiallyConsistent) }
        if unfinished != 0 { self.unfinished.add(unfinished, ordering: .sequentiallyConsistent) }
        if whole + unfinished < 0 || whole < 0 { wakeIfReopened() }
        notePeak()
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
        for handle in handles { handle.submitUnlimited { LoopResources.of($0).readOn(with: self) } }
    }
}

/// The pipes of one loop that wait for a budget, in the order in which they came.
struct HeldBackPipes {
    private var pipes: [ObjectIdentifier: (number: Int, pipe: Pipe)] = [:]
    private var next = 0

    var isEmpty: Bool { pipes.isEmpty }

    mutating func add(_ pipe: Pipe) {
        pipes[ObjectIdentifier(pipe)] = (next, pipe)
        next += 1
    }

    mutating func remove(_ pipe: Pipe) { pipes[ObjectIdentifier(pipe)] = nil }

    var all: [Pipe] { pipes.values.sorted { $0.number < $1.number }.map(\.pipe) }
}

extension LoopResources {
    /// Half of the budget is free.
    func readOn(with budget: ReceiveBudget) {
        guard let pipes = heldBack.removeValue(forKey: ObjectIdentifier(budget)) else { return }
        for pipe in pipes.all { pipe.readOn() }
    }
}

extension Socket {
    /// Made when there is something to count, and shared with the outposts.
    final var receiveBudget: ReceiveBudget {
        if let knownReceiveBudget { return knownReceiveBudget }
        let budget = ReceiveBudget(options.receiveBudget)
        knownReceiveBudget = budget
        return budget
    }
}

extension Pipe {
    func tellBudget(ofWhole whole: Int, unfinished: Int) {
        let new = whole + unfinished > socket.receiveShare ? (whole, unfinished) : (0, 0)
        let change = (whole: new.0 - receivingKnown.whole, unfinished: new.1 - receivingKnown.unfinished)
        guard change != (0, 0) else { return }
        receivingKnown = new
        socket.receiveBudget.change(whole: change.whole, unfinished: change.unfinished)
        if new != (0, 0) { watchTaking() }
    }

    func waitForBudget() {
        let budget = socket.receiveBudget
        let isFirst = socket.loop.heldBack[ObjectIdentifier(budget)] == nil
        socket.loop.heldBack[ObjectIdentifier(budget), default: HeldBackPipes()].add(self)
        if isFirst { budget.wait(on: socket.reactor.handle) }
    }

    func stopWaitingForBudget() {
        guard heldBack == .byBudget, let budget = socket.knownReceiveBudget else { return }
        socket.loop.heldBack[ObjectIdentifier(budget)]?.remove(self)
    }

    /// The pipe is gone, and what is in it.
    func forgetReceived() {
        guard receivingKnown != (0, 0) else { return }
        socket.receiveBudget.change(whole: -receivingKnown.whole, unfinished: -receivingKnown.unfinished)
    }
}
