//   MC-7  A source keeps what it has sent for the recovery interval, and sends what receivers miss again: a confirmation
//         at once, and the data as the rate allows, each packet once in some time.
//   MC-8  SPMs say what has been sent: at the start, in growing intervals behind the last data, on request, and at the
//         end.

/// The sending side of PGM (RFC 3208). A pure state machine: packets in and out; time is an argument, in nanoseconds.
package struct PGMSource: ~Copyable {
    /// The identifier of the session, and its destination.
    package struct Identity: Sendable {
        let session: TransportSession
        /// The data-destination port.
        let port: UInt16
        /// The address of this host, which receivers ask, and the group.
        let address: UInt32
        let group: UInt32

        package init(session: TransportSession, port: UInt16, address: UInt32, group: UInt32) {
            (self.session, self.port, self.address, self.group) = (session, port, address, group)
        }
    }

    /// The bytes of a packet in front of its data.
    package static var dataHeaderSize: Int { PGMPacket.dataHeaderSize }

    private let identity: Identity
    private let dataSize: Int
    /// The sequence number of the first packet.
    private let base: UInt32

    private var window: TransmitWindow
    /// The number of packets that have been sent.
    private var sent: UInt64 = 0

    /// What is to be sent again, in order, and when a packet was sent again the last time.
    private var repairs: [UInt64] = []
    private var nextRepair = 0
    private var repaired: [UInt64: Int64] = [:]
    private var repairPacket: [UInt8] = []

    private var pathNumber: UInt32 = 0
    private var interval = 0
    private var lastPath = Int64.min / 2
    /// When the next SPM is due.
    private var pathDeadline: Int64

    /// Packets that are not data and are to be sent to the group.
    package private(set) var control: [[UInt8]] = []

    /// The intervals between SPMs behind the last data; the last one goes on.
    private static let intervals: [Int64] = [100, 100, 100, 100, 1300, 7000, 16_000, 25_000, 30_000].map {
        $0 * 1_000_000
    }
    /// No SPM is sent on request sooner behind another.
    private static let shortestInterval: Int64 = 10_000_000
    /// No packet is sent again sooner: requests of many receivers arrive together.
    private static let repairPause: Int64 = 20_000_000
    /// The most packets that wait to be sent again.
    private static let mostRepairs = 4096

    /// - Parameters:
    ///   - packetSize: the size of the largest packet, without what carries it.
    ///   - window: how many packets can be sent again.
    ///   - first: the sequence number of the first packet.
    package init(_ identity: Identity, packetSize: Int, window: Int, first: UInt32, at now: Int64) {
        self.identity = identity
        dataSize = packetSize - PGMPacket.dataHeaderSize
        base = first
        self.window = TransmitWindow(capacity: window, packetSize: packetSize)
        pathDeadline = now
    }

    // MARK: Data

    /// The number of packets that have been made and not been sent.
    package var unsentCount: Int { Int(window.count - sent) }

    /// Memory for the data of the next packet; nil when all packets of the window have still to be sent, and without
    /// memory.
    package mutating func nextData() -> UnsafeMutableRawBufferPointer? {
        guard !window.isFull || window.oldest < sent, let packet = window.next() else { return nil }
        return UnsafeMutableRawBufferPointer(start: packet + PGMPacket.dataHeaderSize, count: dataSize)
    }

    /// The data has been written.
    package mutating func addData(_ size: Int) {
        guard let packet = window.next() else { return }
        let number = window.count
        // The packet takes the place of the oldest when the window is full.
        window.add(PGMPacket.dataHeaderSize + size)
        packet.storeBytes(of: sequence(number).bigEndian, toByteOffset: 16, as: UInt32.self)
        packet.storeBytes(of: sequence(window.oldest).bigEndian, toByteOffset: 20, as: UInt32.self)
        PGMPacket.finish(
            packet,
            PGMPacket.dataHeaderSize + size,
            .data,
            from: identity.session.port,
            to: identity.port,
            of: identity.session.source,
            dataSize: size
        )
    }

    /// The packet that is `offset` behind the first unsent one.
    package func unsentPacket(_ offset: Int) -> UnsafeRawBufferPointer { window[sent + UInt64(offset)] }

    /// So many packets have been sent.
    package mutating func didSend(_ count: Int, at now: Int64) {
        guard count > 0 else { return }
        sent += UInt64(count)
        interval = 1
        pathDeadline = now + Self.intervals[0]
    }

    private func sequence(_ number: UInt64) -> UInt32 { base &+ UInt32(truncatingIfNeeded: number) }

    // MARK: What receivers ask for

    /// Takes a packet that has arrived. Returns false when it is malformed.
    package mutating func receive(_ bytes: UnsafeRawBufferPointer, at now: Int64) -> Bool {
        guard let packet = PGMPacket(bytes) else { return false }
        guard packet.source == identity.session.source, packet.destinationPort == identity.session.port,
            packet.sourcePort == identity.port
        else { return true }
        switch packet.body {
        case .missing(let list, source: identity.address, group: identity.group, isConfirmation: false):
            repair(list, at: now)
        case .sourcePathRequest: if now - lastPath >= Self.shortestInterval { sendPath(at: now) }
        default: break
        }
        return true
    }

    private mutating func repair(_ list: SequenceList, at now: Int64) {
        var confirmed: [UInt32] = []
        let (sent, oldest) = (sent, window.oldest)
        var (repairs, repaired) = (self.repairs, self.repaired)
        (self.repairs, self.repaired) = ([], [:])
        list.forEach { number in
            // Behind the last one that has been sent.
            let distance = sequence(sent).distance(ahead: number)
            guard distance > 0, UInt64(distance) <= sent - oldest else { return }
            let packet = sent - UInt64(distance)
            confirmed.append(number)
            if let last = repaired[packet], now - last < Self.repairPause { return }
            guard repairs.count < Self.mostRepairs else { return }
            repaired[packet] = now
            repairs.append(packet)
        }
        (self.repairs, self.repaired) = (repairs, repaired)
        guard !confirmed.isEmpty else { return }
        control.append(missing(confirmed[...]))
        if repaired.count > 2 * Self.mostRepairs { forgetRepaired(at: now) }
    }

    private mutating func forgetRepaired(at now: Int64) {
        repaired = repaired.filter { now - $0.value < Self.repairPause }
    }

    private func missing(_ numbers: ArraySlice<UInt32>) -> [UInt8] {
        PGMPacket.missing(
            numbers,
            of: identity.session,
            port: identity.port,
            source: identity.address,
            group: identity.group,
            isConfirmation: true
        )
    }

    /// Whether there is something to be sent again.
    package var hasRepairs: Bool { nextRepair < repairs.count }

    /// The next packet to be sent again; nil if there is none. It is valid until the next call.
    package mutating func takeRepair() -> [UInt8]? {
        while nextRepair < repairs.count {
            let number = repairs[nextRepair]
            nextRepair += 1
            if nextRepair == repairs.count { (repairs, nextRepair) = ([], 0) }
            // It may have left the window meanwhile.
            guard number >= window.oldest, number < sent else { continue }
            var bytes = [UInt8](window[number])
            bytes.withUnsafeMutableBytes { packet in
                let base = packet.baseAddress!
                base.storeBytes(of: sequence(window.oldest).bigEndian, toByteOffset: 20, as: UInt32.self)
                PGMPacket.finish(
                    base,
                    packet.count,
                    .repair,
                    from: identity.session.port,
                    to: identity.port,
                    of: identity.session.source,
                    dataSize: packet.count - PGMPacket.dataHeaderSize
                )
            }
            return bytes
        }
        return nil
    }

    // MARK: SPMs

    /// When `timerFired` is to be called.
    package var deadline: Int64 { pathDeadline }

    package mutating func timerFired(at now: Int64) { if now >= pathDeadline { sendPath(at: now) } }

    private mutating func sendPath(at now: Int64, isFinal: Bool = false) {
        control.append(
            PGMPacket.sourcePath(
                identity.session,
                port: identity.port,
                number: pathNumber,
                trail: sequence(window.oldest),
                lead: sequence(sent) &- 1,
                address: identity.address,
                isFinal: isFinal
            )
        )
        pathNumber &+= 1
        lastPath = now
        pathDeadline = now + Self.intervals[interval]
        interval = min(interval + 1, Self.intervals.count - 1)
    }

    /// The session ends: an SPM says so.
    package mutating func end(at now: Int64) { sendPath(at: now, isFinal: true) }

    package mutating func takeControl() -> [[UInt8]] {
        defer { control = [] }
        return control
    }
}
