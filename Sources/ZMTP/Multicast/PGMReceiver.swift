//   MC-9   A receiver follows each sender on its own, by its session, from the first packet of it that arrives.
//   MC-10  Packets are delivered in order. Missing ones are asked for, at first after a random time, and then at
//          intervals; a confirmation that another receiver has caused counts as a request. What is still missing after
//          the recovery interval, or has left the sender's window, is lost.
//   MC-11  A sequence number far away from what is awaited loses what lies between, at once: the sender is followed from
//          there on.
//   MC-12  The senders, and the memory for what has arrived and cannot be delivered, are limited.

/// The receiving side of PGM (RFC 3208), for all senders of a group. A pure state machine: packets in, messages and
/// requests out; time is an argument, in nanoseconds.
package struct PGMReceiver: ~Copyable {
    package struct Settings: Sendable {
        /// The data-destination port.
        package var port: UInt16
        /// How far ahead of what is awaited a packet may be, in packets.
        package var window: Int
        /// How long to wait for what is missing, in nanoseconds.
        package var recoveryInterval: Int64
        /// The most senders.
        package var senders: Int
        /// The most bytes kept of all of them.
        package var memory: Int
        /// The largest message, and the most frames of one.
        package var maxMessageSize: Int
        package var maxFrames: Int

        package init(
            port: UInt16,
            window: Int,
            recoveryInterval: Int64,
            senders: Int,
            memory: Int,
            maxMessageSize: Int,
            maxFrames: Int
        ) {
            (self.port, self.window, self.recoveryInterval) = (port, window, recoveryInterval)
            (self.senders, self.memory) = (senders, memory)
            (self.maxMessageSize, self.maxFrames) = (maxMessageSize, maxFrames)
        }
    }

    /// Something that has happened to a sender.
    package enum Event: Equatable {
        /// Its stream has been joined, for the first time or again.
        case joined
        /// So many packets are lost.
        case lost(Int)
        /// Its stream has been left because of this.
        case faulty(ProtocolError)
        /// What was kept of it exceeded the limit, and is dropped.
        case exceeded(Int)
        /// There are too many others.
        case tooMany
        /// Nothing has been received from it for long.
        case gone
    }

    /// The sender of an event, and what has happened.
    package struct Report: Equatable {
        package let session: TransportSession
        package let address: UInt32
        package let event: Event
    }

    /// A packet for a sender.
    package struct Request {
        package let packet: [UInt8]
        package let address: UInt32
    }

    let settings: Settings
    private var random: any RandomNumberGenerator

    private var senders: [TransportSession: PGMSender] = [:]
    private var latest: PGMSender?
    /// Senders of which something is missing.
    private var incomplete: [PGMSender] = []
    private var nextLook = Int64.max

    /// The bytes kept of all senders.
    package private(set) var byteCount = 0

    /// The messages that have arrived.
    private var output = MessageWriter()
    package private(set) var reports: [Report] = []
    package private(set) var requests: [Request] = []

    /// A sender that is silent for so long is gone, or makes room for another one.
    static let expiry: Int64 = 300_000_000_000
    private static let shortExpiry: Int64 = 60_000_000_000
    private static let lookInterval: Int64 = 30_000_000_000
    /// The longest time before the first request, and the time between two.
    private static let backOff: Int64 = 50_000_000
    private static let repeatInterval: Int64 = 200_000_000
    /// The most reports and requests that wait to be taken.
    private static let mostReports = 1024

    package init(_ settings: Settings, random: any RandomNumberGenerator = SystemRandomNumberGenerator()) {
        self.settings = settings
        self.random = random
    }

    /// The number of senders.
    package var senderCount: Int { senders.count }

    // MARK: Packets

    /// Takes a packet that has arrived from an address for a group. Returns false when it is malformed.
    package mutating func receive(
        _ bytes: UnsafeRawBufferPointer,
        from address: UInt32,
        to group: UInt32,
        at now: Int64
    ) -> Bool {
        guard let packet = PGMPacket(bytes) else { return false }
        switch packet.body {
        case .data(let number, let trail, let isRepair, let data):
            guard packet.destinationPort == settings.port else { return true }
            // A repair of what has been sent before this receiver was there does not begin anything.
            guard let sender = sender(packet, from: address, to: group, makes: !isRepair, at: now) else { return true }
            return receive(data, number, trail, isRepair, from: sender, at: now)
        case .sourcePath(let trail, let lead, let path):
            guard packet.destinationPort == settings.port else { return true }
            guard let sender = sender(packet, from: address, to: group, makes: true, at: now) else { return true }
            sender.pathAddress = path
            return advance(sender, trail: trail, lead: lead, at: now)
        case .missing(let list, _, _, let isConfirmation):
            let port = isConfirmation ? packet.sourcePort : packet.destinationPort
            let session = TransportSession(random: packet.source, port: port)
            if let sender = senders[session] { asked(of: sender, list, at: now) }
            return true
        case .sourcePathRequest: return true
        }
    }

    private mutating func sender(
        _ packet: PGMPacket,
        from address: UInt32,
        to group: UInt32,
        makes: Bool,
        at now: Int64
    ) -> PGMSender? {
        let session = TransportSession(random: packet.source, port: packet.sourcePort)
        if let latest, latest.session == session {
            latest.heard(from: address, to: group, at: now)
            return latest
        }
        let sender: PGMSender
        if let known = senders[session] {
            sender = known
        } else {
            guard makes else { return nil }
            guard makeRoom(at: now) else {
                report(.tooMany, of: session, address)
                return nil
            }
            sender = PGMSender(session, settings)
            senders[session] = sender
            nextLook = min(nextLook, now + Self.lookInterval)
        }
        latest = sender
        sender.heard(from: address, to: group, at: now)
        return sender
    }

    private mutating func makeRoom(at now: Int64) -> Bool {
        guard senders.count >= settings.senders else { return true }
        guard let oldest = senders.values.min(by: { $0.lastHeard < $1.lastHeard }),
            now - oldest.lastHeard >= Self.shortExpiry
        else { return false }
        remove(oldest)
        return true
    }

    private mutating func remove(_ sender: PGMSender) {
        byteCount -= sender.byteCount
        senders[sender.session] = nil
        incomplete.removeAll { $0 === sender }
        if latest === sender { latest = nil }
        report(.gone, of: sender)
    }

    private mutating func report(_ event: Event, of sender: PGMSender) {
        report(event, of: sender.session, sender.address)
    }

    private mutating func report(_ event: Event, of session: TransportSession, _ address: UInt32) {
        if reports.count < Self.mostReports {
            reports.append(Report(session: session, address: address, event: event))
        }
    }

    // MARK: Data

    private mutating func receive(
        _ data: UnsafeRawBufferPointer,
        _ number: UInt32,
        _ trail: UInt32,
        _ isRepair: Bool,
        from sender: PGMSender,
        at now: Int64
    ) -> Bool {
        guard sender.isDefined else {
            sender.begin(at: number)
            deliver(data, from: sender)
            sender.next &+= 1
            sender.lead = number
            return true
        }
        // A packet is within its window.
        guard number.distance(ahead: trail) >= 0 else { return false }
        let distance = number.distance(ahead: sender.next)
        if distance == 0, sender.lead == sender.next &- 1 {
            deliver(data, from: sender)
            sender.lead = number
            sender.next &+= 1
            return true
        }
        if distance > settings.window || distance < -max(settings.window, 64) && !isRepair {
            lose(sender, upTo: number, count: distance)
            deliver(data, from: sender)
            sender.next &+= 1
            settle(sender, at: now)
            return true
        }
        if trail.distance(ahead: sender.next) > 0 { skip(sender, to: trail) }
        guard number.distance(ahead: sender.next) >= 0 else {
            settle(sender, at: now)
            return true
        }
        if number == sender.next {
            deliver(data, from: sender)
            sender.next &+= 1
            deliverStored(from: sender)
        } else if sender.stored[number] == nil {
            store(data, number, from: sender)
        }
        if number.distance(ahead: sender.lead) > 0 { sender.lead = number }
        settle(sender, at: now)
        return true
    }

    private mutating func advance(_ sender: PGMSender, trail: UInt32, lead: UInt32, at now: Int64) -> Bool {
        guard lead.distance(ahead: trail) >= -1 else { return false }
        guard sender.isDefined else {
            sender.begin(at: lead &+ 1)
            return true
        }
        let distance = lead.distance(ahead: sender.next)
        if distance >= settings.window {
            lose(sender, upTo: lead &+ 1, count: distance + 1)
        } else {
            if trail.distance(ahead: sender.next) > 0 { skip(sender, to: trail) }
            if lead.distance(ahead: sender.lead) > 0 { sender.lead = lead }
        }
        settle(sender, at: now)
        return true
    }

    private mutating func deliver(_ data: UnsafeRawBufferPointer, from sender: PGMSender) {
        let (before, wasJoined) = (sender.decoder.byteCount, sender.decoder.isJoined)
        do {
            try sender.decoder.decode(data, to: &output)
            byteCount += sender.decoder.byteCount - before
            if !wasJoined, sender.decoder.isJoined { report(.joined, of: sender) }
            guard byteCount > settings.memory, sender.decoder.byteCount > before else { return }
            report(.exceeded(sender.decoder.byteCount), of: sender)
            byteCount -= sender.decoder.byteCount
            sender.decoder.leave()
        } catch {
            byteCount -= before
            report(.faulty(error), of: sender)
        }
    }

    private mutating func deliverStored(from sender: PGMSender) {
        while !sender.stored.isEmpty, let data = sender.stored.removeValue(forKey: sender.next) {
            sender.storedBytes -= data.count
            byteCount -= data.count
            data.withUnsafeBytes { deliver($0, from: sender) }
            sender.next &+= 1
        }
    }

    /// Keeps a packet that others precede.
    private mutating func store(_ data: UnsafeRawBufferPointer, _ number: UInt32, from sender: PGMSender) {
        // A packet takes some memory even without data.
        guard byteCount + data.count <= settings.memory, sender.stored.count < settings.window else {
            // What is kept of the sender is dropped.
            report(.exceeded(sender.byteCount), of: sender)
            forget(sender)
            return sender.begin(at: number &+ 1)
        }
        sender.stored[number] = [UInt8](data)
        sender.storedBytes += data.count
        byteCount += data.count
    }

    // MARK: Losses

    private mutating func forget(_ sender: PGMSender) {
        byteCount -= sender.byteCount
        sender.forget()
    }

    /// Follows the sender from a packet far away on.
    private mutating func lose(_ sender: PGMSender, upTo number: UInt32, count: Int) {
        forget(sender)
        report(.lost(abs(count)), of: sender)
        sender.begin(at: number)
    }

    /// Gives up what is missing in front of the packet; what has arrived of that is delivered.
    private mutating func skip(_ sender: PGMSender, to number: UInt32) {
        let next = sender.next
        let arrived = sender.stored.keys.filter { number.distance(ahead: $0) > 0 }
        for first in arrived.sorted(by: { $0.distance(ahead: next) < $1.distance(ahead: next) }) {
            leave(sender, before: first)
            deliverStored(from: sender)
        }
        leave(sender, before: number)
        deliverStored(from: sender)
    }

    /// Goes on with the packet, and leaves the stream if others in front of it are missing.
    private mutating func leave(_ sender: PGMSender, before number: UInt32) {
        let count = number.distance(ahead: sender.next)
        guard count > 0 else { return }
        byteCount -= sender.decoder.byteCount
        sender.decoder.leave()
        sender.next = number
        report(.lost(count), of: sender)
    }

    /// Notes whether something is missing.
    private mutating func settle(_ sender: PGMSender, at now: Int64) {
        if sender.next.distance(ahead: sender.lead) > 0 { sender.lead = sender.next &- 1 }
        guard sender.lead.distance(ahead: sender.next) >= 0 else {
            guard sender.isIncomplete else { return }
            sender.isIncomplete = false
            return incomplete.removeAll { $0 === sender }
        }
        if !sender.isIncomplete {
            sender.isIncomplete = true
            sender.requestDeadline = now + Int64(random.next() % UInt64(Self.backOff))
            incomplete.append(sender)
        } else if sender.missing == sender.next {
            return
        }
        (sender.missing, sender.missingSince) = (sender.next, now)
    }

    // MARK: Requests

    /// When `timerFired` is to be called; nil for never.
    package var deadline: Int64? {
        var deadline = nextLook
        for sender in incomplete {
            deadline = min(deadline, sender.requestDeadline, sender.missingSince + settings.recoveryInterval)
        }
        return deadline == .max ? nil : deadline
    }

    package mutating func timerFired(at now: Int64) {
        for sender in incomplete {
            while sender.isIncomplete, now - sender.missingSince >= settings.recoveryInterval {
                skip(sender, to: sender.endOfGap)
                settle(sender, at: now)
            }
            guard sender.isIncomplete, now >= sender.requestDeadline else { continue }
            request(from: sender)
            sender.requestDeadline = now + Self.repeatInterval
        }
        guard now >= nextLook else { return }
        for sender in Array(senders.values) where now - sender.lastHeard >= Self.expiry { remove(sender) }
        nextLook = senders.isEmpty ? .max : now + Self.lookInterval
    }

    private mutating func request(from sender: PGMSender) {
        let missing = sender.firstMissing
        for start in stride(from: 0, to: missing.count, by: PGMPacket.longestList) {
            guard requests.count < Self.mostReports else { return }
            let packet = PGMPacket.missing(
                missing[start..<min(start + PGMPacket.longestList, missing.count)],
                of: sender.session,
                port: settings.port,
                source: sender.pathAddress ?? sender.address,
                group: sender.group,
                isConfirmation: false
            )
            requests.append(Request(packet: packet, address: sender.address))
        }
    }

    /// The sender has been asked by another receiver, or confirms a request.
    private mutating func asked(of sender: PGMSender, _ list: SequenceList, at now: Int64) {
        guard sender.isIncomplete, list.first == sender.next else { return }
        sender.requestDeadline = max(sender.requestDeadline, now + Self.repeatInterval)
    }

    package mutating func takeBatches() -> [MessageBatch] { output.takeBatches() }

    package mutating func takeRequests() -> [Request] {
        defer { requests = [] }
        return requests
    }

    package mutating func takeReports() -> [Report] {
        defer { reports = [] }
        return reports
    }
}
