import EventReactor
import ZMTP

/// Moves runs between the pipe of an outpost's connection and its home.
///
/// Both directions are bounded by the socket's own limits: the home hands over no more than its send limit until it hears that messages
/// have left, and the connection stops reading when its receive limit has been passed on and not been taken.
final class OutpostRelay {
    /// What has passed through the connection.
    let traffic = OutpostTraffic()

    private unowned let outpost: Outpost
    private let pipe: Pipe
    private let bell: Doorbell
    private let toHome: Lane
    private let fromHome: Lane
    private let home: FarEnd
    /// What goes home instead of a queue when the pipe conflates. Which of the two the socket wants it knows itself.
    private lazy var newest = (matching: NewestMessage(), other: NewestMessage())
    /// What the home has subscribed to, kept when the pipe conflates.
    private var subscriptions = SubscriptionSet()
    /// Bytes from the home that it has not been told to have left.
    private var unconfirmedBytes = 0
    private var isEnded = false
    private var isScheduled = false
    /// What has been taken out of the lane; from `nextArrived` on, it has not been carried out.
    private var arrived: [Parcel] = []
    private var nextArrived = 0
    private var hasHomeClosed = false

    /// Parcels that are carried out in one turn at most. They are batches of messages, or subscriptions one by one.
    private static let turnBudget = 1024

    init(_ junction: Junction, _ pipe: Pipe, of outpost: Outpost, home: ReactorHandle) {
        self.outpost = outpost
        self.pipe = pipe
        bell = junction.bell(of: .binder)
        toHome = junction.lane(to: .connector)
        fromHome = junction.lane(to: .binder)
        self.home = FarEnd(handle: home, bell: junction.bell(of: .connector))
        outpost.reactor.answer(bell, with: self)
    }

    private func wakeHome() {
        if !home.wake(from: outpost.reactor) { outpost.abandon() }
    }

    // MARK: To the home

    func forward(_ run: Run) {
        guard pipe.conflates else { return forward(run, as: .messages(run)) }
        var (run, replaced) = (run, 0)
        while let message = run.next() {
            let way = isSubscribed(to: message) ? newest.matching : newest.other
            if way.replace(with: message) { replaced += 1 } else { forward(Run(message), as: .newest(way)) }
        }
        if replaced > 0 { outpost.countReplaced(replaced) }
    }

    private func isSubscribed(to message: borrowing Message) -> Bool {
        message.withUnsafeBytes { subscriptions.matches($0) }
    }

    private func note(_ subscription: Subscription, _ topic: UnsafeRawBufferPointer) {
        switch subscription {
        case .subscribe: _ = subscriptions.subscribe(topic)
        case .cancel: _ = subscriptions.unsubscribe(topic)
        }
    }

    /// What the peer asks for is counted as a message, so that it cannot ask for more than there is room for.
    func forward(_ command: PeerCommand) { forward(Run(command.message), as: .command(command)) }

    private func forward(_ run: Run, as parcel: Parcel) {
        pipe.passOn(run)
        outpost.reactor.exchangesWithAnotherThread()
        let (wakes, used) = toHome.put(waitsFor: pipe.awaitedTaking) { put in
            put(parcel)
            return nil
        }
        if wakes { wakeHome() }
        pipe.passedOnTaken(used)
        // Who learns of use is not woken by more of it before it has asked again.
        if used != .zero, pipe.awaitedTaking != .zero { collect() }
    }

    /// The peer has sent its last.
    func peerHasFinished() {
        let (wakes, _) = toHome.put { put in
            put(.peerFinished)
            return nil
        }
        if wakes { wakeHome() }
    }

    /// Learns what the home has taken, until there is nothing new and it is known to wake us if need be.
    private func collect() {
        var used: Credit
        repeat {
            used = toHome.collect(waitsFor: pipe.awaitedTaking)
            pipe.passedOnTaken(used)
        } while used != .zero && pipe.awaitedTaking != .zero
    }

    // MARK: From the home

    /// Takes what there is, and looks again when that has been written: the home need not wake us while it goes on.
    private func take() {
        guard !isEnded else { return }
        if nextArrived == arrived.count {
            (arrived, hasHomeClosed) = fromHome.take()
            nextArrived = 0
        }
        let isEmpty = arrived.isEmpty
        let end = min(nextArrived + Self.turnBudget, arrived.count)
        while nextArrived < end, !isEnded {
            nextArrived += 1
            carryOut(arrived[nextArrived - 1])
        }
        guard !isEnded else { return }
        if nextArrived == arrived.count {
            (arrived, nextArrived) = ([], 0)
            if hasHomeClosed { outpost.homeHasClosed(pipe) }
        }
        // Also then: the home may be tired of waiting, and does not wake one that has found something.
        guard !isEnded, !isEmpty, !isScheduled else { return }
        outpost.reactor.exchangesWithAnotherThread()
        isScheduled = true
        outpost.reactor.atEndOfTurn(self)
    }

    private func carryOut(_ parcel: Parcel) {
        switch parcel {
        case .messages(let run):
            unconfirmedBytes += run.byteCount
            pipe.outbound.append(run)
            pipe.outboundGrew()
        case .newest(let newest):
            guard let message = newest.take() else { break }
            pipe.outbound.append(message)
            pipe.outboundGrew()
        case .command(let command):
            command.withTopic { topic in
                if pipe.conflates { note(command.subscription, topic) }
                pipe.link?.send(command.subscription, topic: topic)
            }
        case .accepted: pipe.link?.accept()
        case .turnAway(let reason): pipe.link?.turnAway(reason)
        case .abort: pipe.link?.close(afterSending: false)
        case .giveUp(let afterWriting): pipe.link?.giveUp(afterWriting: afterWriting)
        case .finish: pipe.link?.close(afterSending: true)
        case .peerFinished, .returned, .claim, .ended: break
        }
    }

    /// Messages have left, or need not leave any more.
    func confirm(_ count: Int) {
        guard !isEnded else { return }
        let unsent = pipe.outbound.byteCount
        let credit = Credit(messages: count, bytes: max(unconfirmedBytes - unsent, 0))
        unconfirmedBytes = unsent
        if fromHome.report(credit) { wakeHome() }
    }

    /// The connection is gone: what it has not sent goes back.
    func end(_ reason: EventReason) {
        guard !isEnded else { return }
        isEnded = true
        outpost.reactor.answer(bell, with: nil)
        _ = toHome.put { put in
            pipe.outbound.takeRuns { put(.returned($0)) }
            for case .messages(let run) in arrived[nextArrived...] { put(.returned(run)) }
            // The home may be busy for a long time, and others come in the place of this connection.
            if let claim = pipe.handOverClaim() { put(.claim(claim)) }
            put(.ended(reason))
            return nil
        }
        _ = toHome.close()
        wakeHome()
    }
}

extension OutpostRelay: DoorbellHandler {
    func doorbellRang() {
        guard !isEnded else { return }
        collect()
        take()
    }
}

extension OutpostRelay: EndOfTurnHandler {
    func reactorTurnEnded() {
        isScheduled = false
        take()
    }
}
