/// Bytes that are queued for all peers of a socket together.
///
/// Rules:
/// * It is used up when the bytes reach the limit, and until half of that is free; or when the context's is.
/// * Meanwhile each peer may have its share queued, or one message: those that read are served although others do not.
/// * What is within the share of its peer is not counted, so that small queues cost nothing.
struct SendBudget {
    /// nil for none.
    private(set) var limit: Int?
    private(set) var used = 0

    /// The bytes that each peer may have beside the budget.
    private(set) var share: Int

    /// Whether this budget or the context's is used up.
    private(set) var isExhausted = false
    private var isOwnExhausted = false
    private var isContextExhausted = false

    /// The most bytes since memory was last given back.
    private var peak = 0

    enum Turn { case none, exhausted, reopened }

    /// - Parameter limit: nil for none.
    init(_ limit: Int?) { (self.limit, share) = (limit, Self.share(of: limit)) }

    private static func share(of limit: Int?) -> Int { max(min(64 * 1024, (limit ?? .max) / 16), 1) }

    mutating func change(by bytes: Int) -> Turn {
        used += bytes
        peak = max(peak, used)
        let limit = limit ?? .max
        if used >= limit { isOwnExhausted = true } else if used <= limit / 2 { isOwnExhausted = false }
        return turn()
    }

    /// Whether much memory has become free since this was last true.
    mutating func hasFreedMuch() -> Bool {
        guard MemoryTrim.isWorthwhile(used, after: peak) else { return false }
        peak = used
        return true
    }

    /// The limit is another one: it may have room now, or none any more.
    mutating func setLimit(_ limit: Int?) -> Turn {
        (self.limit, share) = (limit, Self.share(of: limit))
        isOwnExhausted = used >= limit ?? .max
        return turn()
    }

    /// The context's budget is used up, or free again.
    mutating func setContext(isExhausted: Bool) -> Turn {
        isContextExhausted = isExhausted
        return turn()
    }

    private mutating func turn() -> Turn {
        let isExhausted = isOwnExhausted || isContextExhausted
        guard isExhausted != self.isExhausted else { return .none }
        self.isExhausted = isExhausted
        return isExhausted ? .exhausted : .reopened
    }
}

extension Pipe {
    /// Whether more may be queued although the budget is used up.
    var isWithinShare: Bool {
        let total = outbound.held + sending.outstanding
        return total.messages == 0 || total.bytes < budgets.send.share
    }

    func tellBudgetOfSending() { tellBudget(ofSending: outbound.byteCount + sending.outstanding.bytes) }

    func tellBudget(ofSending bytes: Int) {
        let known = slot >= 0 && bytes > budgets.send.share ? bytes : 0
        let change = known - sendingKnown
        guard change != 0 else { return }
        sendingKnown = known
        budgets.changeSend(by: change)
    }

    /// The pipe is gone, and what is in it.
    func forgetSent() {
        let known = sendingKnown
        sendingKnown = 0
        if known > 0 { budgets.changeSend(by: -known) }
    }

    /// The pipe was released with its loop, without having ended.
    func forgetSentAtEnd() {
        if sendingKnown > 0 { budgets.forgetSend(sendingKnown) }
    }

    /// Every send checks the budget from now on, and messages that are sent are reported, which frees part of it.
    func budgetIsExhausted() {
        outbound.checkLevel = 0
        link?.refreshCredit()
    }
}
