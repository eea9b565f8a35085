import CSockets
import EventReactor
import Glibc
import ZMTP

/// Sends the messages of a pipe to a multicast group.
///
/// Rules:
/// * Messages wait in the pipe, up to its marks, until the rate allows a packet for them; what finds no room is dropped
///   as for any subscriber. They count as sent when they are in a packet.
/// * Packets that receivers miss go out again within the same rate, in turn with new ones.
/// * Closing waits until everything has left once, within the linger. What is missed later is lost.
final class MulticastSendingLink: DatagramLink {
    private let group: MulticastGroup
    private var source: PGMSource
    private var packer = MulticastPacker()
    private var limit: RateLimit

    /// Whether the operating system takes no more for the moment.
    private var isBlocked = false
    /// Whether the rate allows no more for the moment.
    private var isThrottled = false
    private var failure: EventReason?

    private var packets = [csockets_datagram](
        repeating: csockets_datagram(),
        count: MulticastSendingLink.batch
    )

    /// The packets sent at once, and in one turn.
    private static let batch = 32
    private static let turnBudget = 512

    /// The messages that wait, of which no more are to wait for the end of the turn.
    private static let attention = 256

    /// How long to wait when the system has no buffer for a packet.
    private static let pause: Int64 = 1_000_000

    init(
        _ group: MulticastGroup,
        on descriptor: DatagramDescriptor,
        for pipe: Pipe,
        _ observer: SocketObserver,
        owner: any DatagramLinkOwner
    ) {
        let now = pipe.budgets.reactor.readClock()
        var random = SystemRandomNumberGenerator()
        source = PGMSource(
            PGMSource.Identity(
                session: TransportSession(random: random.next(), port: UInt16.random(in: 1...UInt16.max)),
                port: group.address.port,
                address: descriptor.local.bits,
                group: group.address.groups[0].bits
            ),
            packetSize: group.packetSize,
            window: group.window,
            first: random.next(),
            at: now
        )
        limit = RateLimit(
            bytesPerSecond: group.bytesPerSecond,
            largest: group.options.options.multicastMaxTPDU,
            at: now
        )
        self.group = group
        super.init(to: group.peerDescription, on: descriptor, for: pipe, observer, owner: owner)
    }

    override func begin() {
        // No subscription comes from a group: it gets everything (MC-4).
        pipe.receive(PeerCommand(.subscribe, topic: UnsafeRawBufferPointer(start: nil, count: 0)))
        guard !isEnded else { return }
        flush()
    }

    // MARK: Sending

    private var hasOutput: Bool { !pipe.outbound.isEmpty || !packer.isEmpty }

    override func pipeHasOutput() {
        guard !isThrottled, !isBlocked else { return }
        if !pipe.conflates { pipe.attentionLevel = Self.attention }
        schedule()
    }

    override func outboundIsLarge() { if !isThrottled, !isBlocked { flush() } }

    override func turnEnded() {
        if let failure { return end(failure) }
        flush()
        if let failure { return end(failure) }
        if isClosing, !hasOutput, source.unsentCount == 0 { end(.closed) }
    }

    /// Sends what may be sent. The caller may be walking the pipes of the socket: nothing ends here.
    private func flush() {
        pipe.linkFlushes()
        let now = reactor.readClock()
        limit.refill(at: now)
        source.timerFired(at: now)
        var budget = Self.turnBudget
        isThrottled = false
        while failure == nil, !isBlocked, budget > 0 {
            sendControl()
            let repaired = sendRepair()
            makePackets(atMost: source.hasRepairs ? 1 : Self.batch)
            let count = sendPackets(at: now)
            budget -= count + 1
            if count == 0, !repaired { break }
        }
        packer.settle()
        let delay = limit.delay(for: group.options.options.multicastMaxTPDU)
        // Without one it is the system that takes no more, and an alarm has been set for that.
        if isThrottled, delay > 0 { wake(at: now + delay) }
        if budget <= 0 { wake(at: now) }
        wake(at: source.deadline)
        if failure != nil { schedule() }
    }

    private func sendControl() {
        guard !source.control.isEmpty else { return }
        for packet in source.takeControl() {
            limit.spend(packet.count + group.headerSize)
            send(packet, of: group, to: group.address.groups[0].bits)
        }
    }

    private func sendRepair() -> Bool {
        guard source.hasRepairs else { return false }
        guard limit.allows(group.options.options.multicastMaxTPDU) else {
            isThrottled = true
            return false
        }
        guard let packet = source.takeRepair() else { return false }
        limit.spend(packet.count + group.headerSize)
        send(packet, of: group, to: group.address.groups[0].bits)
        return true
    }

    private func makePackets(atMost count: Int) {
        while source.unsentCount < count, hasOutput {
            guard limit.allows(group.options.options.multicastMaxTPDU) else { return isThrottled = true }
            guard let memory = source.nextData() else { return }
            var datagram = MulticastDatagram(memory)
            while datagram.hasRoom {
                if packer.isEmpty {
                    guard !pipe.outbound.isEmpty, packer.fill({ pipe.outbound.forEachPiece($0) }) else { break }
                }
                let released = packer.pack(into: &datagram)
                if released > 0 { pipe.release(released) }
            }
            guard !datagram.isEmpty else { return }
            datagram.finish(endsMessage: packer.isAtBoundary)
            source.addData(datagram.size)
            limit.spend(datagram.size + PGMSource.dataHeaderSize + group.headerSize)
        }
    }

    /// Returns how many have been sent.
    private func sendPackets(at now: Int64) -> Int {
        let count = min(source.unsentCount, Self.batch)
        guard count > 0 else { return 0 }
        for number in 0..<count {
            let packet = source.unsentPacket(number)
            packets[number].base = UnsafeMutableRawPointer(mutating: packet.baseAddress)
            packets[number].size = packet.count
        }
        var sent = packets.withUnsafeBufferPointer {
            Int(send(UnsafeBufferPointer(rebasing: $0[..<count]), to: group.address.groups[0].bits, group.sendPort))
        }
        if sent < 0 {
            switch errno {
            case EINTR:
                wake(at: now)
                return 0
            case EAGAIN:
                isBlocked = true
                watcher?.interest = [.readable, .writable]
                return 0
            case ENOBUFS, ENOMEM:
                isThrottled = true
                wake(at: now + Self.pause)
                return 0
            // The network is not there for the moment: the packet is lost, as it would be further away.
            case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EPERM: sent = 1
            default:
                failure = .system(errno)
                return 0
            }
        }
        source.didSend(sent, at: now)
        return sent
    }

    // MARK: Events

    override func ready(_ readiness: Readiness) {
        if readiness.contains(.writable) {
            isBlocked = false
            watcher?.interest = .readable
        }
        if readiness.contains(.readable) {
            let now = reactor.nanoseconds
            _ = receive(atMost: group.roomForPacket) { [unowned self] bytes, _ in
                guard let packet = group.packet(in: bytes) else { return observer.record(.dropped(1, .malformed)) }
                if !source.receive(packet, at: now) { observer.record(.dropped(1, .malformed)) }
            }
        }
        schedule()
    }

    override func timeHasCome(at now: Int64) { schedule() }

    // MARK: Closing

    override func close(afterSending: Bool) {
        guard afterSending else { return end(.closed) }
        guard !isEnded, !isClosing else { return }
        isClosing = true
        pipe.sink.pipeCloses(pipe)
        schedule()
    }

    override func willEnd() {
        source.end(at: reactor.nanoseconds)
        sendControl()
    }
}
