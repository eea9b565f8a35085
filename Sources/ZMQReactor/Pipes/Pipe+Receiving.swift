import ZMTP

// What has arrived, and how much more may.
extension Pipe {
    // MARK: Arriving

    /// Messages have arrived.
    @inline(never)
    func receive(_ batch: consuming MessageBatch) {
        messagesReceived += batch.count
        if !takingObservers.isEmpty { return receiveCounting(batch) }
        sink.receive(batch, from: self)
    }

    /// As `receive`; what does not wait in `inbound` has been taken.
    private func receiveCounting(_ batch: consuming MessageBatch) {
        let (arrived, before) = (Credit(messages: batch.count, bytes: batch.byteCount), inbound.appended)
        sink.receive(batch, from: self)
        let taken = arrived.less(inbound.appended.less(before))
        if taken.messages > 0 { self.taken(taken) }
    }

    /// A request of the peer has arrived.
    ///
    /// - Parameter isCounted: whether the link counts it as it does a message.
    @inline(never)
    func receive(_ command: PeerCommand, isCounted: Bool = true) {
        messagesReceived += 1
        let before = inbound.appended
        sink.receive(command, from: self)
        guard isCounted, !takingObservers.isEmpty, inbound.appended == before else { return }
        taken(Credit(messages: 1, bytes: command.message.wireSize))
    }

    // MARK: Room

    /// The messages that may arrive now: 0 when the link is to stop reading until `resumeReceiving`.
    ///
    /// - Parameter unread: bytes that have been read and not been parsed, or are no whole message yet.
    @inline(__always)
    func inboundCapacity(for unread: Int) -> Int {
        let room = receiving.messageLimit &- inbound.count &- receiving.outstanding.messages
        if room > 0, inbound.byteCount &+ receiving.outstanding.bytes &+ unread < closeLook { return room }
        return looksForInboundRoom(for: unread)
    }

    @inline(never)
    private func looksForInboundRoom(for unread: Int) -> Int {
        isOverBudget = false
        tellBudget(ofWhole: inbound.byteCount + receiving.outstanding.bytes, unfinished: unread)
        // The owner may have taken some of it, which is known only now.
        let whole = inbound.byteCount + receiving.outstanding.bytes
        // Where bytes are near a mark, messages arrive one by one: none is exceeded by more than the message that
        // reaches it.
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

    /// What follows for a part of a message when there is no room in the budget.
    enum Outlook {
        /// There is room by now.
        case goesOn
        /// There will be when the application takes messages: the link is to stop reading until `resumeReceiving`.
        case waits
        /// There will not be.
        case inVain
    }

    /// The budget was exhausted, and what has arrived is no whole message.
    func outlookForPart() -> Outlook {
        // Another thread may have taken something since.
        guard let budget = budgets.knownReceive?.exhausted else { return .goesOn }
        guard budget.hasWholeMessages else { return .inVain }
        hold(until: budget)
        return .waits
    }

    private func hold(_ reason: HeldBack) {
        heldBack = reason
        takingObservers.insert(.flowControl)
    }

    private func hold(until budget: ReceiveBudget) {
        hold(.byBudget)
        wait(for: budget)
    }

    /// The link may read again.
    func readOn() {
        guard heldBack != .not else { return }
        heldBack = .not
        link?.resumeReceiving()
    }

    /// The budget counts what has arrived, until that is taken.
    func watchTaking() {
        takingObservers.insert(.flowControl)
        closeLook = 0
    }

    // MARK: Taking

    /// To be called when the application has taken messages: a link that had stopped reads on.
    func taken(_ credit: Credit) {
        if takingObservers.contains(.link) { link?.messagesTaken(credit) }
        if takingObservers.contains(.flowControl) { receivedShrank() }
    }

    /// To be called while flow control follows what is taken.
    private func receivedShrank() {
        let whole = min(inbound.byteCount + receiving.outstanding.bytes, receivingKnown.whole)
        tellBudget(ofWhole: whole, unfinished: receivingKnown.unfinished)
        if heldBack == .byMarks, receiving.isHalfEmpty(with: inbound.held) { readOn() }
        if heldBack != .byMarks, receivingKnown.whole == 0 { takingObservers.remove(.flowControl) }
    }

    // MARK: A session's pipe

    /// Messages that arrived here are handed to the owner of the session.
    func reserveReceived(_ batch: MessageBatch) { receiving.reserve(credit(for: batch)) }

    /// Whether more than one message has been handed to the owner and not been acknowledged.
    var isAheadOfOwner: Bool { receiving.outstanding.messages > 1 }

    /// The owner has acknowledged messages. Returns whether to take more credit at once.
    func acknowledgeReceived(_ credit: Credit) -> Bool {
        guard credit != .zero else { return false }
        let asksAgain = receiving.receive(credit)
        if takingObservers.contains(.flowControl) { receivedShrank() }
        return asksAgain
    }

    /// What the owner has to acknowledge before it wakes the session.
    var awaitedReceiveCredit: Credit {
        receiving.awaited(
            behind: inbound.held,
            isFull: heldBack == .byMarks || !receiving.canReserve(behind: inbound.held),
            // What is counted as unfinished is whole in a moment, and handed on.
            sharesBudget: receivingKnown != (0, 0)
        )
    }
}
