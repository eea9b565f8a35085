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

    /// The way to the owner, while it is joined.
    private(set) var way: SessionWay?

    /// The number of the current or last connection.
    private(set) var connection = 0

    /// Its traffic.
    private var counters = ConnectionCounters()

    /// Replaces the queue to the owner when the pipe conflates. Only the socket knows which of the two it wants.
    private lazy var newest = (matching: NewestMessage(), other: NewestMessage())

    /// The owner's subscriptions.
    var subscriptions = SubscriptionSet()

    /// Bytes from the owner whose sending has not been confirmed.
    var unconfirmedBytes = 0

    /// Whether taking continues at the end of the turn.
    var isScheduled = false
    /// Items taken from the lane; those from `nextArrived` on have not been handled.
    var arrived: [Parcel] = []
    var nextArrived = 0
    var hasOwnerClosed = false

    /// Where runs lie that the owner is slow to take.
    private var arena = RunArena()

    init(of session: Session) {
        self.session = session
        reactor = session.reactor
    }

    func join(_ junction: Junction) {
        let way = SessionWay(junction, owner: session.owner)
        self.way = way
        reactor.answer(way.bell, with: self)
        // The owner may have signalled before that.
        guard !isScheduled else { return }
        isScheduled = true
        reactor.atEndOfTurn(self)
    }

    func wakeOwner() {
        if let way, !way.owner.wake(from: reactor) { session.abandon() }
    }

    // MARK: To the owner

    private func forward(_ run: Run) {
        guard pipe.conflates else {
            let run = waiting(run)
            return forward(run, as: .messages(run))
        }
        var (run, replaced) = (run, 0)
        while let message = run.next() {
            let way = isSubscribed(to: message) ? newest.matching : newest.other
            if way.replace(with: message) { replaced += 1 } else { forward(Run(message), as: .newest(way)) }
        }
        guard replaced > 0 else { return }
        // The owner does not see them.
        session.observer.record(.received(replaced))
        session.observer.record(.dropped(replaced, .conflated))
    }

    private func isSubscribed(to message: borrowing Message) -> Bool {
        message.withUnsafeBytes { subscriptions.matches($0) }
    }

    /// A peer's command counts as a message, so that the peer cannot send more of them than there is room for.
    private func forward(_ command: PeerCommand) {
        var run = waiting(Run(command.message))
        guard let message = run.next() else { return }
        forward(Run(message), as: .command(PeerCommand(command.subscription, as: message)))
    }

    /// The run as it waits for the owner. An owner that keeps up gets it as it was read.
    private func waiting(_ run: Run) -> Run { pipe.isAheadOfTaking ? arena.compact(run) : run }

    /// The owner has taken messages.
    private func taken(_ credit: Credit) {
        pipe.passedOnTaken(credit)
        if credit != .zero, !pipe.isAheadOfTaking { arena.removeAll() }
    }

    private func forward(_ run: Run, as parcel: Parcel) {
        guard let way else { return }
        pipe.passOn(run)
        reactor.exchangesWithAnotherThread()
        let (wakes, used) = way.toOwner.put(waitsFor: pipe.awaitedTaking) { put in
            put(parcel)
            return nil
        }
        if wakes { wakeOwner() }
        taken(used)
        // A side that was informed of progress must ask again before it is woken by more.
        if used != .zero, pipe.awaitedTaking != .zero { collect(way) }
    }

    /// Collects what the owner has taken, until there is nothing new and the owner is known to wake this side if
    /// needed.
    func collect(_ way: SessionWay) {
        var used: Credit
        repeat {
            used = way.toOwner.collect(waitsFor: pipe.awaitedTaking)
            taken(used)
        } while used != .zero && pipe.awaitedTaking != .zero
    }

    /// Sends the owner an item that is not a message; returns whether there is a way to it.
    @discardableResult
    func tell(_ parcel: Parcel) -> Bool {
        guard let way else { return false }
        let (wakes, used) = way.toOwner.put(waitsFor: pipe.awaitedTaking) { put in
            put(parcel)
            return nil
        }
        if wakes { wakeOwner() }
        taken(used)
        if used != .zero, pipe.awaitedTaking != .zero { collect(way) }
        return true
    }

    /// Messages have been sent, or dropped.
    private func confirm(_ count: Int) {
        guard let way else { return }
        let unsent = pipe.outbound.byteCount
        let credit = Credit(messages: count, bytes: max(unconfirmedBytes - unsent, 0))
        unconfirmedBytes = unsent
        if way.fromOwner.report(credit) { wakeOwner() }
    }

    /// The pipe has ended: messages it has not sent go back.
    private func end() {
        guard let way else { return }
        self.way = nil
        reactor.answer(way.bell, with: nil)
        _ = way.toOwner.put { put in
            pipe.outbound.takeRuns { put(.returned($0)) }
            for case .messages(let run) in arrived[nextArrived...] { put(.returned(run)) }
            // The owner may be busy for a long time while other connections replace this one.
            if let claim = pipe.handOverClaim() { put(.claim(claim)) }
            put(.ended(pipe.reasonOfEnd))
            return nil
        }
        _ = way.toOwner.close()
        if !way.owner.wake(from: reactor) { session.abandon() }
    }
}

/// The two directions between a session's pipe and its owner.
struct SessionWay {
    let bell: Doorbell
    let toOwner: Lane
    let fromOwner: Lane
    let owner: FarEnd

    init(_ junction: Junction, owner handle: ReactorHandle) {
        bell = junction.bell(of: .binder)
        toOwner = junction.lane(to: .connector)
        fromOwner = junction.lane(to: .binder)
        owner = FarEnd(handle: handle, bell: junction.bell(of: .connector))
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
        (link as? any StreamLink)?.count(in: counters)
        session.peerIsUp()
        let up = SessionPeer(number: connection, peer: peer, peerName: link.peerName, counters: counters)
        if pipe.isPersistent {
            tell(.peerUp(up))
            pipe.announcedNodes = 0
            subscriptions.announceMore(to: pipe)
        } else {
            let (junction, handle) = (Junction(), reactor.handle)
            join(junction)
            session.tellOwner { $0.session(hasPeer: up, junction, on: handle) }
        }
    }

    func pipeCloses(_ pipe: Pipe) { if pipe.isPersistent { subscriptions.cancelAll(at: pipe) } }

    func peerHasFinished(_ pipe: Pipe) { tell(.peerFinished) }

    func pipeDown(_ pipe: Pipe) {
        session.peerIsDown(pipe)
        if pipe.isPersistent { tell(.peerDown(pipe.reasonOfEnd)) } else { end() }
    }

    func remove(_ pipe: Pipe) { end() }

    func receive(_ run: consuming Run, from pipe: Pipe) { forward(run) }

    func receive(_ command: PeerCommand, from pipe: Pipe) { forward(command) }

    func messagesWait(in pipe: Pipe) {}

    func drop(_ count: Int, _ reason: DropReason) { if count > 0 { session.observer.record(.dropped(count, reason)) } }

    func pipeSent(_ pipe: Pipe, _ count: Int) {
        session.observer.record(.sent(count))
        counters.messagesSent.count(count)
        confirm(count)
    }

    func pipeDropped(_ pipe: Pipe, _ count: Int) {
        session.observer.record(.dropped(count, .conflated))
        confirm(count)
    }

    func abandon(_ count: Int) {}

    func pipeToldAll(_ pipe: Pipe) { if pipe.isPersistent, pipe.announcedNodes != .max { reactor.inNextTurn(self) } }

    // Only the owner knows whether there is room for more.
    func pipeIsFull(_ pipe: Pipe) {}
    func awaitsRoom(of pipe: Pipe) -> Bool { false }
    func noteRelief(of pipe: Pipe) {}
    func pipeGotRoom(_ pipe: Pipe) {}
}

extension SessionPipe: NextTurnHandler {
    func reactorTurnGoesOn() { if way != nil { subscriptions.announceMore(to: pipe) } }
}
