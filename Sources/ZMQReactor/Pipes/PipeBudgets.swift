import EventReactor

/// What all pipes of one sink share: budgets in bytes, and the spare chunks of their reactor.
final class PipeBudgets {
    let reactor: Reactor
    let chunks: ChunkPool

    private(set) var send: SendBudget

    /// The bytes that have arrived and that each connection may have beside the receive budget.
    private(set) var receiveShare: Int
    private var receiveLimit: Int?
    private(set) var knownReceive: ReceiveBudget?

    /// Those of the context, which these are part of.
    let context: any ContextBudgets
    private let isCountedInContext: Bool

    /// The owner of the pipes that are notified of the send budget.
    private unowned var owner: (any PipeOwner)?

    /// Those of a socket, in bytes; nil for no limit.
    init(on reactor: Reactor, send sendLimit: Int?, receive receiveLimit: Int?, within context: any ContextBudgets) {
        self.reactor = reactor
        self.context = context
        isCountedInContext = true
        chunks = ChunkPool.of(reactor)
        send = SendBudget(sendLimit)
        self.receiveLimit = receiveLimit
        receiveShare = ReceiveBudget.share(of: receiveLimit)
    }

    /// Those of a session: what it sends is counted by its socket.
    init(on reactor: Reactor, receive: ReceiveBudget, share: Int, within context: any ContextBudgets) {
        self.reactor = reactor
        self.context = context
        isCountedInContext = false
        chunks = ChunkPool.of(reactor)
        send = SendBudget(nil)
        knownReceive = receive
        receiveShare = share
    }

    /// Call once, before there is a pipe, and when the context reports changes of its budget.
    func belong(to owner: any PipeOwner) {
        self.owner = owner
        // Later changes are reported; this covers an earlier one.
        _ = send.setContext(isExhausted: context.sending.isExhausted)
    }

    /// Other limits, which hold at once.
    func configure(_ options: SocketOptions) {
        follow(send.setLimit(options.sendBudget))
        receiveLimit = options.receiveBudget
        receiveShare = ReceiveBudget.share(of: options.receiveBudget)
        knownReceive?.setLimit(options.receiveBudget)
    }

    /// Made when there is something to count, and shared with sessions.
    var receive: ReceiveBudget {
        if let knownReceive { return knownReceive }
        let budget = ReceiveBudget(receiveLimit, within: context.receiving)
        knownReceive = budget
        return budget
    }

    /// Takes part of the send budget, or gives it back.
    func changeSend(by bytes: Int) {
        let turn = send.change(by: bytes)
        if send.hasFreedMuch() { MemoryTrim.request() }
        follow(turn)
        if isCountedInContext, context.changeSendBudget(by: bytes) { lookAtContext() }
    }

    /// Reads whether the context's send budget is used up.
    func lookAtContext() { follow(send.setContext(isExhausted: context.sending.isExhausted)) }

    /// A pipe was released with its loop, without having ended.
    func forgetSend(_ bytes: Int) { if isCountedInContext { _ = context.changeSendBudget(by: -bytes) } }

    private func follow(_ turn: SendBudget.Turn) {
        guard let owner else { return }
        switch turn {
        case .none: break
        case .exhausted: for pipe in owner.pipes { pipe?.budgetIsExhausted() }
        case .reopened: reactor.atEndOfTurn(SendBudgetReopening(owner: owner, budgets: self))
        }
    }
}

/// The budgets of a context.
protocol ContextBudgets: AnyObject, Sendable {
    var sending: SharedSendBudget { get }
    var receiving: ReceiveBudget { get }

    /// Takes part of the send budget, or gives it back. Returns whether the budget is now exceeded and was not, or the
    /// reverse; all sockets are notified of that on their threads.
    func changeSendBudget(by bytes: Int) -> Bool
}

/// The owner of the pipes that share budgets.
protocol PipeOwner: AnyObject {
    /// By their numbers; a pipe that is gone has left a gap.
    var pipes: [Pipe?] { get }

    /// Whether the application has not closed the socket.
    var isOpen: Bool { get }
}

/// Notifies senders when the budget is free again, at the end of the turn: a sender may be walking the pipes.
private final class SendBudgetReopening: EndOfTurnHandler {
    let owner: any PipeOwner
    let budgets: PipeBudgets

    init(owner: any PipeOwner, budgets: PipeBudgets) {
        self.owner = owner
        self.budgets = budgets
    }

    func reactorTurnEnded() {
        // Each of these calls may remove pipes, and use the budget up.
        var slot = 0
        while slot < owner.pipes.count, !budgets.send.isExhausted {
            owner.pipes[slot]?.noteWritability()
            slot += 1
        }
    }
}
