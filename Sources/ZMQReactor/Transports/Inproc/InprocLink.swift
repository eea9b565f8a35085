import EventReactor
import ZMTP

/// Who made an inproc link, and hears of its end.
protocol InprocLinkOwner: AnyObject {
    func linkEnded(_ link: InprocLink)
}

/// One end of a connection between two sockets of this program: moves whole runs between a pipe and two lanes.
///
/// The bytes stay where the sender wrote them. Nothing is done at once: what a turn has queued is handed over at its end, and
/// what arrives is delivered at the end of the receiver's turn, so that sockets that answer each other on one loop
/// do not call each other ever deeper. Closing loses nothing that was handed over before.
final class InprocLink {
    private let socket: Socket
    private let pipe: Pipe
    private let key: Int
    private let outgoing: Lane
    private let incoming: Lane
    private let far: ReactorHandle
    private let farKey: Int
    private weak var owner: (any InprocLinkOwner)?

    /// Messages taken in one turn, about.
    private static let turnBudget = 4000

    private var isEnded = false
    private var isScheduled = false
    private var wantsToTake = false
    private var used = 0
    private var subscriptions: [Parcel] = []

    /// - Parameters:
    ///   - near: this end.
    ///   - far: the other one.
    ///   - isBinder: whether this is the end that was bound.
    init(
        _ junction: InprocJunction,
        _ pipe: Pipe,
        from near: InprocParty,
        to far: InprocParty,
        isBinder: Bool,
        owner: any InprocLinkOwner
    ) {
        socket = pipe.socket
        self.pipe = pipe
        self.owner = owner
        key = isBinder ? junction.binderKey : junction.connectorKey
        farKey = isBinder ? junction.connectorKey : junction.binderKey
        outgoing = isBinder ? junction.toConnector : junction.toBinder
        incoming = isBinder ? junction.toBinder : junction.toConnector
        self.far = far.handle
        // The limits of both sides add up, and no limit on either is none at all (HWM-08).
        let limits = (near.sendHighWaterMark, far.receiveHighWaterMark)
        pipe.handOverSize = 128
        pipe.sendLimit = limits.0 == 0 || limits.1 == 0 ? .max : limits.0 + limits.1
    }

    /// Connects the pipe.
    func start(with peer: Peer) {
        socket.loop.inproc.links[key] = self
        pipe.linkUp(self, peer: peer)
        // What the other side has sent before this one was there.
        incomingGrew()
    }

    /// The other side has put something into the lane, or waits no more.
    func incomingGrew() {
        wantsToTake = true
        schedule()
    }

    private func schedule() {
        guard !isScheduled, !isEnded else { return }
        isScheduled = true
        socket.reactor.atEndOfTurn(self)
    }

    private func wakeFar() {
        let farKey = farKey
        if far === socket.reactor.handle {
            socket.loop.inproc.links[farKey]?.incomingGrew()
        } else {
            let result = far.submit { LoopResources.of($0).inproc.links[farKey]?.incomingGrew() }
            if result == .gone { end() }
        }
    }

    // MARK: Moving

    private func flush() {
        pipe.linkFlushes()
        var wakes = false
        if !subscriptions.isEmpty {
            wakes = outgoing.put(subscriptions)
            subscriptions = []
        }
        if !pipe.outbound.isEmpty { wakes = outgoing.put(pipe.handOver().map(Parcel.messages)) || wakes }
        if wakes { wakeFar() }
        collect()
    }

    /// Learns what the other side has used. While more than half of the pipe's limit is on its way, that is asked for until
    /// nothing is new: from then on the other side wakes us when half is free again.
    private func collect(tellingRoom: Bool = true) {
        while !isEnded {
            let used = outgoing.collect(waitsFor: pipe.inFlightAboveHalf)
            pipe.confirm(used, tellingRoom: tellingRoom)
            guard used > 0, pipe.inFlightAboveHalf > 0 else { return }
        }
    }

    /// Takes what has come, again and again while the other side goes on, up to a turn's budget.
    private func take() {
        var budget = Self.turnBudget
        while !isEnded {
            guard budget > 0 else { return incomingGrew() }
            let (parcels, isClosed) = incoming.take()
            for parcel in parcels {
                guard !isEnded else { return }
                switch parcel {
                case .messages(let run):
                    budget -= run.count
                    pipe.receive(run)
                case .subscription(let run):
                    budget -= 1
                    socket.receive(run, from: pipe)
                }
                reportUsed()
            }
            if isClosed { end() }
            if parcels.isEmpty { return }
        }
    }

    private func reportUsed() {
        guard used > 0, !isEnded else { return }
        let wakes = incoming.report(used)
        used = 0
        if wakes { wakeFar() }
    }

    private func end() {
        guard !isEnded else { return }
        isEnded = true
        socket.loop.inproc.links[key] = nil
        socket.reactor.deferRelease(self)
        if outgoing.close() { wakeFar() }
        pipe.linkDown()
        owner?.linkEnded(self)
    }
}

extension InprocLink: EndOfTurnHandler {
    func reactorTurnEnded() {
        isScheduled = false
        guard !isEnded else { return }
        flush()
        if wantsToTake, !isEnded {
            wantsToTake = false
            take()
        }
        reportUsed()
    }
}

extension InprocLink: PipeLink {
    var peerName: String { "inproc" }

    func outboundGrew() { schedule() }

    func inboundHasRoom() {}

    func outboundIsLarge() {
        guard !isEnded else { return }
        flush()
    }

    func refreshRoom() { collect(tellingRoom: false) }

    func taken(_ count: Int) {
        used += count
        schedule()
    }

    func close(afterSending: Bool) {
        guard !isEnded else { return }
        if afterSending { flush() }
        end()
    }

    func turnAway(_ reason: String) { end() }

    func send(_ subscription: Subscription, topic: UnsafeRawBufferPointer) {
        let message = Message(byteCount: topic.count + 1) { bytes in
            bytes[0] = subscription.rawValue
            UnsafeMutableRawBufferPointer(rebasing: bytes[1...]).copyMemory(from: topic)
        }
        subscriptions.append(.subscription(Run(message)))
        schedule()
    }
}
