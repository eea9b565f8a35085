/// What the two sides of a connection say to each other, behind the handshake of each, before they share memory. All
/// records have the same size.
enum SharingRecord: Equatable {
    /// The connecting side: there comes a memory file with this record, with rings of this capacity.
    case offer(capacity: Int)
    /// The connecting side shares no memory after all.
    case declined
    /// The accepting side has mapped the memory: from now on everything goes through it, both ways.
    case accepted
    /// The accepting side has not.
    case refused

    static let size = 8
    private static let beginning = Array("ring".utf8)

    var bytes: [UInt8] {
        let (kind, exponent): (Character, Int) =
            switch self {
            case .offer(let capacity): ("O", capacity.trailingZeroBitCount)
            case .declined: ("D", 0)
            case .accepted: ("A", 0)
            case .refused: ("R", 0)
            }
        return Self.beginning + [kind.asciiValue!, UInt8(exponent), 0, 0]
    }

    /// nil when the bytes are no record.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size, bytes.starts(with: Self.beginning), bytes[6...] == [0, 0] else { return nil }
        switch (Character(Unicode.Scalar(bytes[4])), bytes[5]) {
        case ("O", let exponent):
            guard exponent < 63, RingMemory.isValid(1 << Int(exponent)) else { return nil }
            self = .offer(capacity: 1 << Int(exponent))
        case ("D", 0): self = .declined
        case ("A", 0): self = .accepted
        case ("R", 0): self = .refused
        default: return nil
        }
    }
}
