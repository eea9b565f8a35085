import CSockets
import EventReactor
import Glibc
import ZMTP

/// Joins a pipe with a descriptor of udp: what a RADIO sends, a DISH receives, and a DGRAM does both ways.
///
/// Rules:
/// * A turn receives no more than a few batches, and no more messages than the application has room for: meanwhile
///   datagrams wait in the system's buffer, which drops what does not fit. A large mark may be exceeded by the datagrams
///   that the system hands over in one piece.
/// * Messages are sent a batch at a time, at the end of the turn, or when there are enough for a batch. While the system
///   takes none they wait in the pipe, up to its marks. Small ones of one size pass through the system in one piece.
/// * A datagram that is malformed or too large, or cannot be sent, is dropped and counted, and one of them each second
///   is an event. Nothing that arrives ends the link.
final class UDPLink: DatagramLink {
    let route: UDPRoute
    let buffers: UDPBuffers
    let isIPv6: Bool

    /// The groups that a DISH has joined. Calls nothing unknown.
    @exclusivity(unchecked) var groups = SubscriptionSet()
    private var isToldAll = true

    /// What has arrived, as messages. Calls nothing unknown.
    @exclusivity(unchecked) var writer = MessageWriter()
    var isHeldBack = false { didSet { updateInterest() } }
    /// The datagrams that the system's buffer had no room for.
    var losses: UInt32 = 0

    /// Whether datagrams of one size are sent in one piece; 0 when the system or the network does not do that.
    var mergesSent: CInt = 1
    /// Whether the system takes no more for the moment.
    var isBlocked = false { didSet { updateInterest() } }
    var failure: EventReason? { didSet { schedule() } }

    private var faults = DatagramFaults()
    /// What is to be an event at the end of the turn: only then may the application be called.
    private var report: (peer: PeerDescription, reason: EventReason)?

    init(
        _ route: UDPRoute,
        on descriptor: DatagramDescriptor,
        for pipe: Pipe,
        _ observer: SocketObserver,
        owner: any DatagramLinkOwner
    ) {
        (self.route, isIPv6) = (route, descriptor.isIPv6)
        buffers = UDPBuffers.of(pipe.budgets.reactor)
        super.init(to: route.peerDescription, on: descriptor, for: pipe, observer, owner: owner)
    }

    private var sends: Bool { route.use != .receivesFromGroups }

    override func begin() {
        // No membership comes from there: it gets everything (UDP-3).
        if route.use == .sendsToGroups {
            pipe.receive(PeerCommand(.subscribe, topic: UnsafeRawBufferPointer(start: nil, count: 0)))
        }
        if !isEnded { schedule() }
    }

    // MARK: Events

    override func ready(_ readiness: Readiness) {
        if readiness.contains(.writable) { unblock() }
        guard readiness.contains(.readable) else { return }
        if route.use == .sendsToGroups { discardInput() } else { receive() }
    }

    override func timeHasCome(at now: Int64) { unblock() }

    private func unblock() {
        isBlocked = false
        schedule()
    }

    private func updateInterest() {
        let readable: Readiness = isHeldBack ? [] : .readable
        watcher?.interest = isBlocked ? readable.union(.writable) : readable
    }

    override func turnEnded() {
        if sends { flush() }
        if let report = report.take() {
            observer.record(.disconnected(endpoint, report.peer, report.reason))
            guard !isEnded else { return }
        }
        if let failure { return end(failure) }
        if isClosing, pipe.outbound.isEmpty { return end(.closed) }
        guard !isToldAll else { return }
        isToldAll = true
        pipe.toldAll()
    }

    /// Notes a fault, which is counted elsewhere. The caller may be walking the pipes of the socket.
    func note(_ reason: @autoclosure () -> EventReason, of peer: @autoclosure () -> PeerDescription) {
        guard observer.isObserved, let silent = faults.report(at: reactor.nanoseconds) else { return }
        let reason = reason()
        let others = silent == 0 ? "" : "; \(silent) more faults since the last report"
        report = (peer(), EventReason(reason.kind, reason.message + others))
        schedule()
    }

    // MARK: Pipe

    override func pipeHasOutput() {
        guard !isBlocked else { return }
        pipe.attentionLevel = UDPBuffers.batch
        schedule()
    }

    override func outboundIsLarge() { flush() }

    override func refreshCredit() { if sends { flush() } }

    override func resumeReceiving() { isHeldBack = false }

    override func close(afterSending: Bool) {
        guard !isEnded else { return }
        guard afterSending, sends, !pipe.outbound.isEmpty else { return end(.closed) }
        isClosing = true
        schedule()
    }

    // No membership goes upstream (UDP-3).
    override func announce(_ subscription: Subscription, topic: UnsafeRawBufferPointer) {
        groups.set(subscription, topic)
        isToldAll = false
        schedule()
    }
}
