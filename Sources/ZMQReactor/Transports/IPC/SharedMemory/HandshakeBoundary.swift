/// How many bytes may be read of a handshake so that none behind the current frame is: what follows the last frame is
/// not for the protocol, and nothing but that protocol knows which frame is the last.
///
/// A pure state machine over the bytes as they are read. A peer of an older version is read without limit: it does not
/// share memory.
struct HandshakeBoundary {
    private enum Part: Equatable {
        case greeting
        case header
        case body(Int)
        /// Not a handshake of frames.
        case unlimited
    }

    private var part = Part.greeting
    /// What has been read of the greeting or the header.
    private var seen: [UInt8] = []

    private static let greetingSize = 64
    private static let isLong: UInt8 = 2

    /// The most bytes to read next, at least one.
    var limit: Int {
        switch part {
        case .greeting: Self.greetingSize - seen.count
        case .header: headerSize - seen.count
        case .body(let rest): rest
        case .unlimited: .max
        }
    }

    /// Whether a frame has just ended, or the greeting.
    var isAtBoundary: Bool { part == .header && seen.isEmpty }

    private var headerSize: Int { (seen.first ?? 0) & Self.isLong != 0 ? 9 : 2 }

    /// So many bytes have been read: `limit` at most.
    mutating func didRead(_ bytes: UnsafeRawBufferPointer) {
        switch part {
        case .greeting: takeGreeting(bytes)
        case .header: takeHeader(bytes)
        case .body(let rest): part = rest > bytes.count ? .body(rest - bytes.count) : .header
        case .unlimited: break
        }
    }

    private mutating func takeGreeting(_ bytes: UnsafeRawBufferPointer) {
        seen += bytes
        let isOlder =
            seen[0] != 0xFF || seen.count > 9 && seen[9] & 1 == 0 || seen.count > 10 && seen[10] < 3
        if isOlder {
            (part, seen) = (.unlimited, [])
        } else if seen.count >= Self.greetingSize {
            (part, seen) = (.header, [])
        }
    }

    private mutating func takeHeader(_ bytes: UnsafeRawBufferPointer) {
        seen += bytes
        guard seen.count == headerSize else { return }
        // As far as it can be counted: the protocol refuses frames that are larger.
        let size = seen.dropFirst().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        (part, seen) = (size > 0 ? .body(Int(clamping: size)) : .header, [])
    }
}
