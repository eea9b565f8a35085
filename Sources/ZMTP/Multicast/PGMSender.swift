/// What a receiver knows of one sender.
final class PGMSender {
    let session: TransportSession
    /// Where its packets come from and go to.
    private(set) var address: UInt32 = 0
    private(set) var group: UInt32 = 0
    /// The address that it says it has.
    var pathAddress: UInt32?
    private(set) var lastHeard: Int64 = 0

    var decoder: MulticastDecoder

    private(set) var isDefined = false
    /// The first packet that has not been delivered.
    var next: UInt32 = 0
    /// The last that is known to have been sent.
    var lead: UInt32 = 0
    /// The data of packets behind missing ones.
    var stored: [UInt32: [UInt8]] = [:]
    var storedBytes = 0

    /// Whether packets are missing up to `lead`. Then `next` is, since `missingSince`.
    var isIncomplete = false
    var missing: UInt32 = 0
    var missingSince: Int64 = 0
    /// When they are asked for.
    var requestDeadline: Int64 = .max

    /// The most packets that are asked for at a time, and that are looked at for that.
    private static let mostRequested = 504
    private static let mostLookedAt = 4096

    init(_ session: TransportSession, _ settings: PGMReceiver.Settings) {
        self.session = session
        decoder = MulticastDecoder(maxMessageSize: settings.maxMessageSize, maxFrames: settings.maxFrames)
    }

    /// The bytes that are kept.
    var byteCount: Int { storedBytes + decoder.byteCount }

    func heard(from address: UInt32, to group: UInt32, at now: Int64) {
        (self.address, self.group, lastHeard) = (address, group, now)
    }

    /// The packet is awaited next.
    func begin(at number: UInt32) {
        isDefined = true
        next = number
        lead = number &- 1
    }

    /// Drops what is kept, and leaves the stream.
    func forget() {
        (stored, storedBytes) = ([:], 0)
        decoder.leave()
    }

    /// The first packet behind those that are missing first.
    var endOfGap: UInt32 {
        let end = lead &+ 1
        return stored.keys.min { $0.distance(ahead: next) < $1.distance(ahead: next) } ?? end
    }

    /// The first missing packets.
    var firstMissing: [UInt32] {
        var missing: [UInt32] = []
        var (number, looks) = (next, 0)
        while lead.distance(ahead: number) >= 0, missing.count < Self.mostRequested, looks < Self.mostLookedAt {
            if stored[number] == nil { missing.append(number) }
            number &+= 1
            looks += 1
        }
        return missing
    }
}
