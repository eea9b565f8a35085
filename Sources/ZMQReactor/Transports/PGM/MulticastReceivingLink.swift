import CSockets
import EventReactor
import ZMTP

/// Receives the messages that senders send to a multicast group.
///
/// Rules:
/// * A turn reads no more than a few batches of packets, or as many as fit a time, and none while the application has no
///   room for messages: what the system's buffer has no room for either is asked for again, within the recovery
///   interval.
/// * A mark may be exceeded by the messages of the packets that were read at once.
/// * A sender that is lost, lies or takes too much is dropped and joined again, without consequences for others.
final class MulticastReceivingLink: DatagramLink {
    private let group: MulticastGroup
    private var receiver: PGMReceiver
    private var events = EventBudget()
    private var limitEvents = LimitEvents()

    /// What an XSUB has subscribed to, whose messages are not matched otherwise; nil for SUB, which matches itself.
    private var topics: SubscriptionFilterSet?
    private var isToldAll = true
    private var isHeldBack = false

    /// The batches of packets that are read in one turn.
    private static let turnBudget = 4

    init(
        _ group: MulticastGroup,
        on descriptor: DatagramDescriptor,
        for pipe: Pipe,
        _ observer: SocketObserver,
        owner: any DatagramLinkOwner
    ) {
        let options = group.options.options
        receiver = PGMReceiver(
            PGMReceiver.Settings(
                port: group.address.port,
                window: group.window,
                recoveryInterval: group.recoveryNanoseconds,
                senders: options.limits.multicastSenders,
                memory: Self.memory(options),
                maxMessageSize: options.maxMessageSize,
                maxFrames: options.limits.framesPerMessage
            )
        )
        if group.options.profile.type == .xsub { topics = SubscriptionFilterSet() }
        self.group = group
        super.init(to: group.peerDescription, on: descriptor, for: pipe, observer, owner: owner)
    }

    /// The bytes that may be kept of messages and packets that cannot be delivered yet: as many as the largest message
    /// has, or as may wait for the application.
    private static func memory(_ options: SocketOptions) -> Int {
        max(min(options.maxMessageSize, 1 << 40), options.receiveHighWaterMarkBytes ?? 0)
    }

    // MARK: Receiving

    override func ready(_ readiness: Readiness) { read(for: WorkBudget.time) }

    private func read(for time: Int64) {
        let start = reactor.workTime
        for _ in 0..<Self.turnBudget where reactor.workTime - start <= time {
            guard hasRoom else { return }
            let now = reactor.nanoseconds
            let first = group.address.groups[0].bits
            let hasMore = receive(atMost: group.roomForPacket) { [unowned self] bytes, datagram in
                let target = datagram.destination == 0 ? first : datagram.destination
                guard let packet = group.packet(in: bytes),
                    receiver.receive(packet, from: datagram.source, to: target, at: now)
                else { return observer.record(.dropped(1, .malformed)) }
            }
            handOn()
            guard hasMore, !isEnded else { break }
        }
        setAlarm()
    }

    /// Whether there is room for messages; if not, reading stops until there is.
    private var hasRoom: Bool {
        guard !isEnded else { return false }
        guard pipe.inboundCapacity(for: 0) <= 0 else { return true }
        isHeldBack = true
        watcher?.interest = []
        return false
    }

    override func resumeReceiving() {
        guard isHeldBack else { return }
        isHeldBack = false
        watcher?.interest = .readable
        schedule()
    }

    /// Delivers what has arrived, sends what is asked for and reports what has happened.
    private func handOn() {
        for batch in receiver.takeBatches() where !isEnded {
            guard topics != nil else {
                pipe.receive(batch)
                continue
            }
            var batch = batch
            while !isEnded, let message = batch.next() {
                if topics?.matches(message) == true { pipe.receive(MessageBatch(message)) }
            }
        }
        guard !isEnded else { return }
        for request in receiver.takeRequests() { send(request.packet, of: group, to: request.address) }
        for report in receiver.takeReports() where !isEnded { record(report) }
    }

    private func setAlarm() { if !isEnded, let deadline = receiver.deadline { wake(at: deadline) } }

    override func timeHasCome(at now: Int64) {
        // What has arrived and not been read is not missing.
        read(for: .max)
        guard !isHeldBack else { return }
        guard !isEnded else { return }
        receiver.timerFired(at: now)
        handOn()
        setAlarm()
    }

    // MARK: Reports

    /// Counts what has happened to a sender, and reports it as an event, unless there are too many of those.
    private func record(_ report: PGMReceiver.Report) {
        let peer = PeerDescription("\(IPv4Address(bits: report.address)) \(report.session)")
        switch report.event {
        case .joined: tell(.handshakeSucceeded(endpoint, peer, .pub))
        case .lost(let count):
            observer.record(.dropped(count, .lost))
            let reason = EventReason(.packetsLost, "\(count) packets were lost and not repaired")
            tell(.disconnected(endpoint, peer, reason))
        case .faulty(let error):
            observer.record(.dropped(1, .malformed))
            tell(.disconnected(endpoint, peer, EventReason(error)))
        case .exceeded(let count):
            observer.record(.limit(.unfinishedBytes))
            tell(.disconnected(endpoint, peer, .unfinishedBytes(count)))
        case .tooMany:
            observer.record(.limit(.multicastSenders))
            guard let silent = limitEvents.refusal(by: .multicastSenders, at: reactor.nanoseconds) else { return }
            let reason = EventReason.refused(by: .multicastSenders, group.options.options.limits, silent: silent)
            observer.record(.handshakeFailed(endpoint, peer, reason))
        case .gone: tell(.disconnected(endpoint, peer, .peerClosed))
        }
    }

    private func tell(_ fact: @autoclosure () -> Fact) {
        if observer.isObserved, events.take(at: reactor.nanoseconds) { observer.record(fact()) }
    }

    // MARK: Subscriptions

    // None goes upstream (MC-4).
    override func announce(_ subscription: Subscription, topic: UnsafeRawBufferPointer) {
        topics?.set(subscription, topic)
        isToldAll = false
        schedule()
    }

    override func turnEnded() {
        setAlarm()
        guard !isToldAll else { return }
        isToldAll = true
        pipe.toldAll()
    }
}

/// The topics of an XSUB.
final class SubscriptionFilterSet {
    private var topics = SubscriptionSet()

    func set(_ what: Subscription, _ topic: UnsafeRawBufferPointer) { topics.set(what, topic) }

    func matches(_ message: borrowing Message) -> Bool { message.withUnsafeBytes { topics.matches($0) } }
}

/// How many events senders of a group may cause: some each second, so that none fills a log. What is not reported is
/// counted all the same.
struct EventBudget {
    private var second = Int64.min
    private var count = 0
    private static let perSecond = 32

    mutating func take(at now: Int64) -> Bool {
        if now / 1_000_000_000 != second { (second, count) = (now / 1_000_000_000, 0) }
        count += 1
        return count <= Self.perSecond
    }
}
