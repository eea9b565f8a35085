import EventReactor
import ZMTP

/// The session's end of a pipe: the sink of a connection's pipe, which moves messages between it and the owner.
///
/// A persistent pipe is joined to its owner's from the start, whether or not there is a connection: it keeps the queued
/// messages and the subscriptions. Any other pipe is joined while its one connection is up, and returns what that has
/// not sent.
///
///     persistent:  joined ─ ⟲ pipeUp, pipeDown ─ remove ─▶ ended
///     other:       new ─ pipeUp ─▶ joined ─ pipeDown ─▶ ended
///
/// Both directions are bounded by the socket's own limits: the owner passes on no more than its send limit until it is
/// informed that messages have been sent, and the connection stops reading when a receive limit's worth has been passed
/// on and not been taken.
///
/// Items from the owner are handled in `SessionPipe+Taking`.
final class SessionPipe {
    /// The pipe whose sink this is. It holds this object.
    unowned var pipe: Pipe!

    unowned let session: Session
    let reactor: Reactor

    /// The channels to and from the owner, while it is joined.
    private(set) var channels: SessionChannels?

    /// The number of the current or last connection.
    private(set) var connection = 0

    /// Its traffic.
    private var counters = ConnectionCounters()

    /// Replace the queue to the owner when the pipe conflates. Only the socket knows which of the two it wants.
    private lazy var newest = (matching: ConflatingSlot(), other: ConflatingSlot())

    /// The owner's subscriptions.
    var subscriptions = SubscriptionSet()

    /// How far that has been announced to the peer.
    private(set) var announced: SubscriptionSet.AnnouncedNodes = .max

    /// Bytes from the owner that have not been sent.
    var unsentBytes = 0

    /// What has been sent and not been acknowledged.
    private var sent = Credit.zero
    private var isOwnerAwaiting = false
    private let acknowledgements: Acknowledgements

    /// Whether taking continues at the end of the turn.
    var isScheduled = false
    /// What has been taken out of the channel; from `nextArrived` on, it has not been carried out.
    var arrived: [ChannelItem] = []
    var nextArrived = 0
    var hasOwnerClosed = false

    /// Where batches lie that the owner is slow to take.
    private var arena = BatchArena()

    init(of session: Session) {
        self.session = session
        reactor = session.reactor
        acknowledgements = .of(session.reactor)
    }

    func join(_ pair: ChannelPair) {
        let channels = SessionChannels(pair, owner: session.owner)
        self.channels = channels
        reactor.register(self, for: channels.wakeup)
        // The owner may have signalled before that.
        guard !isScheduled else { return }
        isScheduled = true
        reactor.atEndOfTurn(self)
    }

    func wakeOwner() {
        if let channels, !channels.owner.wake(from: reactor) { session.abandon() }
    }

    // MARK: To the owner

    private func forward(_ batch: MessageBatch) {
        guard pipe.conflates else {
            let batch = waiting(batch)
            return forward(batch, as: .messages(batch))
        }
        var (batch, replaced) = (batch, 0)
        while let message = batch.next() {
            let slot = isSubscribed(to: message) ? newest.matching : newest.other
            if slot.replace(with: message) { replaced += 1 } else { forward(MessageBatch(message), as: .newest(slot)) }
        }
        guard replaced > 0 else { return }
        // They do not reach the owner.
        session.observer.record(.received(replaced))
        session.observer.record(.dropped(replaced, .conflated))
    }

    private func isSubscribed(to message: borrowing Message) -> Bool {
        message.withUnsafeBytes { subscriptions.matches($0) }
    }

    /// A peer's command counts as a message, so that the peer cannot send more of them than there is room for.
    private func forward(_ command: PeerCommand) {
        var batch = waiting(MessageBatch(command.message))
        guard let message = batch.next() else { return }
        forward(MessageBatch(message), as: .command(PeerCommand(command.subscription, as: message)))
    }

    /// The batch as it waits for the owner. An owner that keeps up gets it as it was read.
    private func waiting(_ batch: MessageBatch) -> MessageBatch { pipe.isAheadOfOwner ? arena.compact(batch) : batch }

    /// The owner has acknowledged messages. Returns whether to take more credit at once.
    private func receive(_ credit: Credit) -> Bool {
        let asksAgain = pipe.acknowledgeReceived(credit)
        if credit != .zero, !pipe.isAheadOfOwner { arena.removeAll() }
        return asksAgain
    }

    private func forward(_ batch: MessageBatch, as item: ChannelItem) {
        guard channels != nil else { return }
        pipe.reserveReceived(batch)
        reactor.exchangesWithAnotherThread()
        put(item)
    }

    /// Puts an item in. Returns whether the pipe is joined with an owner.
    @discardableResult
    func put(_ item: ChannelItem) -> Bool {
        guard let channels else { return false }
        let (wakes, credit) = channels.toOwner.put(awaiting: pipe.awaitedReceiveCredit) { put in
            put(item)
            return nil
        }
        if wakes { wakeOwner() }
        if receive(credit) { takeAcknowledged(from: channels) }
        return true
    }

    /// Takes the credit that the owner has acknowledged, until there is no more and the owner is known to wake this
    /// side if need be.
    func takeAcknowledged(from channels: SessionChannels) {
        while receive(channels.toOwner.takeAcknowledged(awaiting: pipe.awaitedReceiveCredit)) {}
    }

    /// Messages have left, or need not leave any more.
    private func relieved(of count: Int) {
        guard channels != nil else { return }
        if sent == .zero { acknowledgements.add(self) }
        let rest = pipe.outbound.byteCount
        sent += Credit(messages: count, bytes: max(unsentBytes - rest, 0))
        unsentBytes = rest
    }

    /// Acknowledges what has been sent.
    func acknowledgeSent() {
        guard let channels, sent != .zero else { return }
        if channels.fromOwner.acknowledge(sent) { isOwnerAwaiting = true }
        sent = .zero
    }

    /// Wakes the owner if it waits for what has been acknowledged.
    func wakeAwaitingOwner() {
        guard isOwnerAwaiting else { return }
        isOwnerAwaiting = false
        wakeOwner()
    }

    /// The pipe has ended: what it has not sent returns to the owner.
    private func end() {
        guard let channels else { return }
        acknowledgeSent()
        self.channels = nil
        reactor.register(nil, for: channels.wakeup)
        _ = channels.toOwner.put { put in
            pipe.outbound.takeBatches { put(.returned($0)) }
            for case .messages(let batch) in arrived[nextArrived...] { put(.returned(batch)) }
            // The owner may be busy for a long time, and other connections take the place of this one.
            if let claim = pipe.handOverClaim() { put(.claim(claim)) }
            put(.ended(pipe.reasonOfEnd))
            return nil
        }
        _ = channels.toOwner.close()
        if !channels.owner.wake(from: reactor) { session.abandon() }
    }
}

extension SessionPipe: PipeSink {
    var budgets: PipeBudgets { session.budgets }

    func add(_ pipe: Pipe) {}

    // The owner decides what happens to an endpoint's queue when another peer is there.
    func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool { false }

    func pipeUp(_ pipe: Pipe) {
        guard let peer = pipe.peer, let link = pipe.link else { return }
        connection += 1
        counters = ConnectionCounters()
        (link as? StreamConnection)?.count(in: counters)
        session.peerIsUp()
        let up = SessionPeer(number: connection, peer: peer, address: link.peerAddress, counters: counters)
        if pipe.isPersistent {
            put(.peerUp(up))
            announced = 0
            announceMore()
        } else {
            let handle = reactor.handle
            let pair = ChannelPair(between: handle, and: session.owner)
            join(pair)
            session.notifyOwner { $0.session(hasPeer: up, pair, on: handle) }
        }
    }

    func pipeCloses(_ pipe: Pipe) { if pipe.isPersistent { subscriptions.cancelAll(at: pipe) } }

    func peerHalfClosed(_ pipe: Pipe) { put(.peerHalfClosed) }

    func pipeDown(_ pipe: Pipe) {
        session.peerIsDown(pipe)
        acknowledgeSent()
        if pipe.isPersistent { put(.peerDown(pipe.reasonOfEnd)) } else { end() }
    }

    func remove(_ pipe: Pipe) { end() }

    func receive(_ batch: consuming MessageBatch, from pipe: Pipe) { forward(batch) }

    func receive(_ command: PeerCommand, from pipe: Pipe) { forward(command) }

    func messagesWait(in pipe: Pipe) {}

    func drop(_ count: Int, _ reason: DropReason) { if count > 0 { session.observer.record(.dropped(count, reason)) } }

    /// What has arrived belongs to the owner.
    func receivedInVain(_ count: Int) {}

    func pipeSent(_ pipe: Pipe, _ count: Int) {
        session.observer.record(.sent(count))
        counters.messagesSent.count(count)
        relieved(of: count)
    }

    func pipeDropped(_ pipe: Pipe, _ count: Int) {
        session.observer.record(.dropped(count, .conflated))
        relieved(of: count)
    }

    func abandon(_ count: Int) {}

    /// Publishes the credit at which the owner has to wake this side: so far that was none, or more.
    func pipeIsCounted(_ pipe: Pipe) { if let channels { takeAcknowledged(from: channels) } }

    func pipeToldAll(_ pipe: Pipe) { if pipe.isPersistent, announced != .max { reactor.inNextTurn(self) } }

    // Only the owner knows whether there is room for more.
    func pipeIsFull(_ pipe: Pipe) {}
    func awaitsWritability(of pipe: Pipe) -> Bool { false }
    func noteRelief(of pipe: Pipe) {}
    func pipeRegainedCapacity(_ pipe: Pipe) {}
}

extension SessionPipe: NextTurnHandler {
    func reactorTurnGoesOn() { if channels != nil { announceMore() } }
    var isOver: Bool { channels == nil }

    private func announceMore() { announced = subscriptions.announceMore(to: pipe, behind: announced) }
}
