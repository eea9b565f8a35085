import EventReactor
import ZMTP

/// The session's end of a pipe: the sink of a connection's pipe, which moves runs between that and the owner.
///
/// A persistent pipe is joined with its owner from the start, whether or not there is a connection: it keeps what is queued, and what has
/// been subscribed to. Any other is joined while its one connection is up, and what that has not sent goes back.
///
///     persistent:  joined ─ ⟲ pipeUp, pipeDown ─ remove ─▶ ended
///     other:       new ─ pipeUp ─▶ joined ─ pipeDown ─▶ ended
///
/// Both directions are bounded by the socket's own limits: the owner hands over no more than its send limit until it learns that messages
/// have left, and the connection stops reading when its receive limit has been passed on and not been taken.
///
/// What comes from the owner is in `SessionPipe+Taking`.
final class SessionPipe {
    /// Whose sink it is. It holds this one.
    unowned var pipe: Pipe!

    unowned let session: Session
    let reactor: Reactor

    /// The way to the owner, while it is joined.
    private(set) var way: SessionWay?

    /// The connection that is up, or was last.
    private(set) var connection = 0

    /// What has passed through it.
    private var counters = ConnectionCounters()

    /// What goes to the owner instead of a queue when the pipe conflates. Which of the two the socket wants it knows itself.
    private lazy var newest = (matching: NewestMessage(), other: NewestMessage())

    /// What the owner has subscribed to.
    var subscriptions = SubscriptionSet()

    /// Bytes from the owner that it has not been told to have left.
    var unconfirmedBytes = 0

    /// Whether taking goes on at the end of the turn.
    var isScheduled = false
    /// What has been taken out of the lane; from `nextArrived` on, it has not been carried out.
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
        // The owner may have rung before that.
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
        // The owner does not get to see them.
        session.observer.record(.received(replaced))
        session.observer.record(.dropped(replaced, .conflated))
    }

    private func isSubscribed(to message: borrowing Message) -> Bool {
        message.withUnsafeBytes { subscriptions.matches($0) }
    }

    /// What the peer asks for is counted as a message, so that it cannot ask for more than there is room for.
    private func forward(_ command: PeerCommand) {
        var run = waiting(Run(command.message))
        guard let message = run.next() else { return }
        forward(Run(message), as: .command(PeerCommand(command.subscription, as: message)))
    }

    /// The run as it waits for the owner. One that takes at once what there is gets it as it was read.
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
        // Who learns of use is not woken by more of it before it has asked again.
        if used != .zero, pipe.awaitedTaking != .zero { collect(way) }
    }

    /// Learns what the owner has taken, until there is nothing new and it is known to wake this side if need be.
    func collect(_ way: SessionWay) {
        var used: Credit
        repeat {
            used = way.toOwner.collect(waitsFor: pipe.awaitedTaking)
            taken(used)
        } while used != .zero && pipe.awaitedTaking != .zero
    }

    /// Tells the owner what is no message; answers whether there is a way to it.
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

    /// Messages have left, or need not leave any more.
    private func confirm(_ count: Int) {
        guard let way else { return }
        let unsent = pipe.outbound.byteCount
        let credit = Credit(messages: count, bytes: max(unconfirmedBytes - unsent, 0))
        unconfirmedBytes = unsent
        if way.fromOwner.report(credit) { wakeOwner() }
    }

    /// The pipe is over: what it has not sent goes back.
    private func end() {
        guard let way else { return }
        self.way = nil
        reactor.answer(way.bell, with: nil)
        _ = way.toOwner.put { put in
            pipe.outbound.takeRuns { put(.returned($0)) }
            for case .messages(let run) in arrived[nextArrived...] { put(.returned(run)) }
            // The owner may be busy for a long time, and others come in the place of this connection.
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

    // The owner decides what an endpoint's queue is to another peer.
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

    // The owner alone knows whether there is room for more.
    func pipeIsFull(_ pipe: Pipe) {}
    func awaitsRoom(of pipe: Pipe) -> Bool { false }
    func noteRelief(of pipe: Pipe) {}
    func pipeGotRoom(_ pipe: Pipe) {}
}

extension SessionPipe: NextTurnHandler {
    func reactorTurnGoesOn() { if way != nil { subscriptions.announceMore(to: pipe) } }
}
