import ZMTP

// What has arrived, and how much more may.
extension Pipe {
    /// The messages that may arrive now: 0 when the link is to stop reading until `inboundHasRoom`.
    ///
    /// - Parameter unread: bytes that have been read and not been looked at, or are no whole message yet.
    @inline(__always)
    func inboundRoom(for unread: Int) -> Int {
        let room = receiving.messageLimit &- inbound.count &- receiving.outstanding.messages
        if room > 0, inbound.byteCount &+ receiving.outstanding.bytes &+ unread < closeLook { return room }
        return looksForInboundRoom(for: unread)
    }

    @inline(never)
    private func looksForInboundRoom(for unread: Int) -> Int {
        let whole = inbound.byteCount + receiving.outstanding.bytes
        isOverBudget = false
        tellBudget(ofWhole: whole, unfinished: unread)
        // Where bytes are near a mark, messages come one by one: none is exceeded by more than the message that reaches it.
        let room = receiving.available(behind: inbound.held, for: unread)
        guard room > 0 else {
            hold(.byMarks)
            return 0
        }
        if let budget = (budgets.knownReceive ?? budgets.context.receiving).overflowing {
            hold(until: budget)
            return 0
        }
        guard whole + unread > budgets.receiveShare, let budget = budgets.knownReceive?.exhausted else {
            closeLook = receivingKnown == (0, 0) ? min(receiving.byteLimit, budgets.receiveShare) : 0
            return room
        }
        guard whole > 0 else {
            isOverBudget = true
            return 1
        }
        hold(until: budget)
        return 0
    }

    /// What becomes of a part of a message when there is no room in the budget.
    enum Outlook {
        /// There is room by now.
        case goesOn
        /// There will be when the application takes messages: the link is to stop reading until `inboundHasRoom`.
        case waits
        /// There will not be.
        case inVain
    }

    /// The budget was used up, and what has arrived is no whole message.
    func outlookForPart() -> Outlook {
        // Another thread may have taken something since.
        guard let budget = budgets.knownReceive?.exhausted else { return .goesOn }
        guard budget.hasWholeMessages else { return .inVain }
        hold(until: budget)
        return .waits
    }

    private func hold(_ reason: HeldBack) {
        heldBack = reason
        isTakingWatched = true
    }

    private func hold(until budget: ReceiveBudget) {
        hold(.byBudget)
        wait(for: budget)
    }

    private func receivedShrank() {
        let whole = min(inbound.byteCount + receiving.outstanding.bytes, receivingKnown.whole)
        tellBudget(ofWhole: whole, unfinished: receivingKnown.unfinished)
        if heldBack == .byMarks, receiving.isHalfEmpty(with: inbound.held) { readOn() }
        isTakingWatched = heldBack == .byMarks || receivingKnown.whole > 0
    }

    /// The link may read again.
    func readOn() {
        guard heldBack != .not else { return }
        heldBack = .not
        link?.inboundHasRoom()
    }

    /// The budget knows of what has arrived: it is to be told when that is taken.
    func watchTaking() {
        isTakingWatched = true
        closeLook = 0
    }

    // MARK: Taking

    /// To be called when the application has taken messages: the link reads on when it had stopped.
    func taken(_ credit: Credit) {
        if linkCountsTaken { link?.taken(credit) }
        if isTakingWatched { receivedShrank() }
    }

    /// Messages that arrived here go to the socket of this session.
    func reserveReceived(_ run: Run) { receiving.reserve(credit(for: run)) }

    /// Whether more than one message has been handed to the owner and not been acknowledged.
    var isAheadOfOwner: Bool { receiving.outstanding.messages > 1 }

    /// That socket has taken messages that were passed on.
    func acknowledgeReceived(_ credit: Credit) {
        guard credit != .zero else { return }
        receiving.acknowledge(credit)
        if isTakingWatched { receivedShrank() }
    }

    /// What the session's socket has to take before it is worth learning of it.
    var awaitedReceiveCredit: Credit {
        receiving.awaited(
            behind: inbound.held,
            isFull: heldBack == .byMarks || !receiving.hasRoom(behind: inbound.held),
            // What is counted as unfinished is whole in a moment, and passed on.
            sharesBudget: receivingKnown != (0, 0)
        )
    }
}
