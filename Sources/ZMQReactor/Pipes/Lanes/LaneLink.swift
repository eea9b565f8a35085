import EventReactor
import ZMTP

/// Moves whole runs between a pipe and two lanes: one end of an inproc connection, or of the way to an session.
///
/// Rules:
/// * Until the other end has accepted this one, what has been handed over is still this one's: a refusal gives it back, and a link
///   that closes waits for one of the two.
/// * When the other end has ended, what it has not taken comes back.
///
/// The bytes stay where the sender wrote them. What arrives is delivered at the end of the receiver's turn, so that sockets that
/// answer each other on one loop do not call each other ever deeper.
final class LaneLink {
    /// What is at the other end.
    enum Far {
        /// Another socket. A turn's messages are handed over together, and are its own from then on: closing loses nothing that
        /// was handed over before.
        case socket
        /// The session that a connection of this socket lives at. It is handed each message at once, so that they leave while
        /// this thread is busy with something else; what it cannot send comes back.
        case session
        /// The session of an endpoint that was connected to, whatever its connection is at the time: what it is handed it keeps for the
        /// next one. It says in the order of messages which peers come and go.
        case endpoint
    }

    /// Who is at the other end, for people to read.
    var peerName: String

    let reactor: Reactor
    let pipe: Pipe
    let bell: Doorbell
    let outgoing: Lane
    private let incoming: Lane
    let farEnd: FarEnd
    let far: Far
    weak var owner: (any LaneLinkOwner)?

    /// The connection at the session that messages come by, of those that the link outlives.
    var connection = 0
    /// Whether what still comes by it is of no interest.
    var disregards = false

    var isEnded = false

    /// Why it ended, as far as that is known here.
    var reasonOfEnd = EventReason.peerClosed

    /// Whether the other end has taken, or cannot refuse, what is handed over.
    var isAccepted: Bool
    /// Whether the other end waits to be told that it is accepted.
    private let tellsAcceptance: Bool
    var closesWhenAccepted = false

    var isClosing = false
    /// Whether this end has had the session end the connection for a reason, which comes back with its end.
    var isTurnedAway = false
    var isFarGone = false
    private var isScheduled = false
    private var wantsToTake = false
    var used = Credit.zero
    /// What waits in the pipe and was there before this link: the other side does not hear when it is used.
    var earlier = Credit.zero
    /// How the other end follows the pipe's open chunk; nil while it does not.
    var followed: FollowedChunk?
    /// What goes to the other end instead of a queue when the pipe conflates.
    lazy var newest = NewestMessage()
    var announcements: [Parcel] = []
    var returned: [Run] = []
    /// What has been taken out of the lane; from `nextArrived` on, it has not been dealt with.
    @exclusivity(unchecked) var arrived: [Parcel] = []  // taken from by index, and assigned
    @exclusivity(unchecked) private var nextArrived = 0
    /// Whether nothing comes behind that.
    @exclusivity(unchecked) private var hasFarClosed = false
    /// Whether taking goes on in the next turn.
    private var hasRest = false
    /// Large enough for what comes at once by default: to cut a batch in two takes a walk over its messages. Numbers, read and assigned.
    @exclusivity(unchecked) private var budget = WorkBudget(pieces: 2048, largestPortion: 1024)

    init(
        _ junction: Junction,
        _ side: Junction.Side,
        _ pipe: Pipe,
        to far: Far,
        on handle: ReactorHandle,
        peerName: String,
        isAccepted: Bool = true,
        tellsAcceptance: Bool = false,
        owner: any LaneLinkOwner
    ) {
        self.isAccepted = isAccepted
        self.tellsAcceptance = tellsAcceptance
        reactor = pipe.budgets.reactor
        self.pipe = pipe
        self.far = far
        self.peerName = peerName
        self.owner = owner
        bell = junction.bell(of: side)
        outgoing = junction.lane(to: side.other)
        incoming = junction.lane(to: side)
        farEnd = FarEnd(handle: handle, bell: junction.bell(of: side.other))
        pipe.isRelayed = far != .socket || !isAccepted
    }

    deinit { pipe.forget(self) }

    /// Connects the pipe.
    func start(with peer: Peer) {
        reactor.answer(bell, with: self)
        if tellsAcceptance { tell(.accepted) }
        pipe.linkUp(self, peer: peer)
        earlier = pipe.inbound.held
        // What the other side has sent before this one was there.
        doorbellRang()
    }

    /// Connects the pipe with the session of its endpoint.
    func attach() {
        reactor.answer(bell, with: self)
        pipe.attach(self)
        doorbellRang()
    }

    var outlivesConnections: Bool { far == .endpoint }

    func schedule() {
        guard !isScheduled, !isEnded else { return }
        isScheduled = true
        reactor.atEndOfTurn(self)
    }

    /// News may follow at once, unless both ends are on this loop: then there is nobody to wait for.
    @inline(__always)
    private func noteExchange() {
        if farEnd.handle !== reactor.handle { reactor.exchangesWithAnotherThread() }
    }

    /// Whoever sends may be walking the socket's pipes, none of which may end meanwhile. So a link that finds its other end gone ends with
    /// the turn, when it has taken what that has left behind.
    func wakeFar() {
        guard !isFarGone, !farEnd.wake(from: reactor) else { return }
        isFarGone = true
        doorbellRang()
    }

    // MARK: Moving

    /// Hands everything over, and learns what the other side has used.
    func flush() {
        guard !isEnded, !isClosing else { return }
        // What has been taken makes room for the answer to what is handed over now.
        reportUsed()
        pipe.linkFlushes()
        if !pipe.outbound.isEmpty { noteExchange() }
        let (wakes, used) = outgoing.put(waitsFor: pipe.awaitedUse) { put in
            for parcel in announcements { put(parcel) }
            followed = nil
            guard !pipe.conflates else {
                if pipe.handOverNewest(by: newest) { put(.newest(newest)) }
                return nil
            }
            pipe.handOver { put(.messages($0)) }
            guard far != .socket, let place = pipe.outbound.place else { return nil }
            followed = FollowedChunk(place.chunk, from: place.next)
            return (place.chunk, place.next - place.chunk.base)
        }
        if !announcements.isEmpty {
            announcements.removeAll()
            pipe.toldAll()
        }
        confirm(used)
        if used != .zero {
            if pipe.isAwaitingUse { collect() }
            if pipe.isInRotation { pipe.sink.pipeGotRoom(pipe) }
            schedule()
        }
        if wakes { wakeFar() }
    }

    /// Tells the other end, which follows the open chunk, how far that has been filled; false when there is more to hand over.
    @inline(__always)
    func handOverGrowth() -> Bool {
        guard let start = followed?.end, announcements.isEmpty, pipe.hasRoom, !isEnded, !isClosing,
            let growth = pipe.handOverGrowth(from: start)
        else { return false }
        pipe.linkFlushes()
        noteExchange()
        if outgoing.grew(to: followed!.grow(by: growth.count, to: growth.end)) { wakeFar() }
        return true
    }

    private func confirm(_ used: Credit) {
        if used != .zero, !isAccepted { accepted() }
        pipe.confirm(used)
        guard used != .zero, pipe.isDrained else { return }
        followNoMore()
        pipe.outbound.removeAll()  // gives its memory back
    }

    /// Nobody refers to the open chunk behind what has been handed over.
    private func followNoMore() {
        guard followed != nil else { return }
        followed = nil
        outgoing.seal()
    }

    /// Learns what the other side has used, until there is nothing new and it is known to wake us if need be. Room that has been
    /// made is told of at the end of the turn, whoever asked: nobody else is going to hear of it.
    func collect() {
        var used: Credit
        repeat {
            used = outgoing.collect(waitsFor: pipe.awaitedUse)
            confirm(used)
            if used != .zero { schedule() }
        } while used != .zero && pipe.isAwaitingUse
    }

    /// Takes what has come, again and again while the other side goes on, up to a turn's budget.
    private func take(all: Bool = false) {
        budget.begin(sharedBy: reactor.restCount)
        defer { if budget.isMeasuring { budget.end(at: reactor.workTime) } }
        while !isEnded {
            guard nextArrived < arrived.count else {
                guard !hasFarClosed else { return farHasClosed() }
                (arrived, hasFarClosed) = incoming.take()
                nextArrived = 0
                if arrived.isEmpty, !hasFarClosed { return }
                continue
            }
            guard budget.portion > 0 || budget.renew(at: reactor.workTime) || all else {
                return leaveRest()
            }
            takeNext(atMost: all ? .max : budget.portion)
            reportUsed()
        }
    }

    /// Goes on in the next turn, so that others have theirs.
    private func leaveRest() {
        guard !hasRest else { return }
        hasRest = true
        reactor.inNextTurn(self)
    }

    /// Deals with the next parcel, or with as many messages of it.
    private func takeNext(atMost limit: Int) {
        switch arrived[nextArrived] {
        case .messages(var run):
            noteExchange()
            let part = run.takeFirst(limit)
            budget.portion -= part.count
            if run.isEmpty { nextArrived += 1 } else { arrived[nextArrived] = .messages(run) }
            return disregards ? disregard(part) : pipe.receive(part)
        case .newest(let newest):
            nextArrived += 1
            guard let message = newest.take() else { return }
            noteExchange()
            budget.portion -= 1
            return disregards ? disregard(Run(message)) : pipe.receive(Run(message))
        case .command(let command):
            nextArrived += 1
            budget.portion -= 1
            guard !disregards else { return disregard(Run(command.message)) }
            return pipe.receive(command, isCounted: far != .socket)
        case .returned(let run):
            returned.append(run)
        case .peerFinished:
            // What the handler has answered to its last was handed over at once.
            announcements.append(.finish)
            flush()
        case .ended(let reason):
            reasonOfEnd = reason
        case .accepted:
            nextArrived += 1
            accepted()
            owner?.linkAccepted(self)
            if closesWhenAccepted, !isEnded { close(afterSending: true) }
            return
        case .peerUp(let peer):
            nextArrived += 1
            return peerUp(peer)
        case .peerDown(let reason):
            nextArrived += 1
            if !disregards { peerDown(reason) }
            return disregards = false
        case .event(let event):
            nextArrived += 1
            owner?.link(self, reports: event)
            return
        case .turnAway, .abort, .giveUp, .finish, .claim:
            break
        }
        nextArrived += 1
    }

    private func reportUsed() {
        guard used != .zero, !isEnded else { return }
        let wakes = incoming.report(used)
        used = .zero
        if wakes { wakeFar() }
    }

    func accepted() {
        guard !isAccepted else { return }
        isAccepted = true
        if far == .socket { pipe.handedOverForGood() }
    }
}

extension LaneLink: DoorbellHandler {
    func doorbellRang() {
        wantsToTake = true
        schedule()
    }

    /// Takes at once all there is, ahead of the end of the turn.
    func takeNow() { takeIfWanted(all: true) }

    private func takeIfWanted(all: Bool = false) {
        guard wantsToTake || hasRest && all, !isEnded else { return }
        wantsToTake = false
        take(all: all)
    }
}

extension LaneLink: NextTurnHandler {
    func reactorTurnGoesOn() {
        hasRest = false
        doorbellRang()
    }
}

extension LaneLink: EndOfTurnHandler {
    func reactorTurnEnded() {
        if !isEnded { flush() }
        if wantsToTake, !isEnded {
            takeIfWanted()
            // What is answered leaves with this turn: another one only for that would take longer than all the rest.
            if !isEnded { flush() }
        }
        reportUsed()
        isScheduled = false
        guard !isEnded else { return }
        if wantsToTake { schedule() } else if isFarGone, !hasRest { return farHasClosed() }
        pipe.tellRoom()
    }
}
