/// A frame that a peer sends or expects.
///
/// Large ones are described by size and seed (see `Pattern`) and generated where they are needed.
public enum PeerFrame: Sendable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    case bytes([UInt8])
    case pattern(size: Int, seed: Int = 0)

    public static func text(_ text: String) -> PeerFrame { .bytes(Array(text.utf8)) }

    public init(stringLiteral text: String) { self = .text(text) }

    public init(arrayLiteral bytes: UInt8...) { self = .bytes(bytes) }

    /// Its bytes on this side.
    public var content: [UInt8] {
        switch self {
        case .bytes(let bytes): bytes
        case .pattern(let size, let seed): Pattern.bytes(size, seed: seed)
        }
    }
}

extension PeerFrame: Encodable {
    private enum Key: CodingKey { case hex, size, seed }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .bytes(let bytes):
            try container.encode(hexadecimal(bytes), forKey: .hex)
        case .pattern(let size, let seed):
            try container.encode(size, forKey: .size)
            try container.encode(seed, forKey: .seed)
        }
    }
}
