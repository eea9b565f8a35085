// The 2 or 10 bytes in front of a frame's body in ZMTP 1.0.
//
//     length | flags | body           a length of 1 to 254
//     FF | length | flags | body      a length in 8 bytes, of any size
//
//   The length counts flags and body. A length of 0 is not a frame, and is skipped.
//   Flags have one bit, MORE; others are an error.

/// Flags and body size of one ZMTP 1.0 frame.
struct Version1Header: Equatable {
    /// The result of parsing the first bytes of a frame.
    enum Decoded: Equatable {
        case header(Version1Header)
        /// An incomplete header; it needs this many bytes.
        case needs(Int)
        /// A length of 0, which is one byte.
        case nothing
    }

    static let shortSize = 2
    static let longSize = 10
    /// The largest body with a length of one byte.
    static let shortLimit = 253

    let flags: UInt8
    let bodySize: Int
    /// The size of this header.
    let size: Int

    var hasMore: Bool { flags & 1 != 0 }
    /// The size of header and body together. Only for sizes that have been checked against available memory.
    var frameSize: Int { size + bodySize }

    /// A header for sending, in the shortest form.
    init(hasMore: Bool = false, bodySize: Int) {
        self.init(
            flags: hasMore ? 1 : 0,
            bodySize: bodySize,
            size: bodySize > Self.shortLimit ? Self.longSize : Self.shortSize
        )
    }

    private init(flags: UInt8, bodySize: Int, size: Int) {
        self.flags = flags
        self.bodySize = bodySize
        self.size = size
    }

    /// Reads the header at `bytes`, which has been checked.
    init(trusted bytes: UnsafeRawPointer) {
        let first = bytes.load(as: UInt8.self)
        size = first < 0xFF ? Self.shortSize : Self.longSize
        let length =
            first < 0xFF
            ? UInt64(first) : UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
        bodySize = Int(truncatingIfNeeded: length) - 1
        flags = bytes.load(fromByteOffset: size - 1, as: UInt8.self)
    }

    /// Parses the header in the `available` bytes at `bytes`, which a peer wrote.
    static func decode(_ bytes: UnsafeRawPointer, available: Int) throws(ProtocolError) -> Decoded {
        guard available > 0 else { return .needs(shortSize) }
        let first = bytes.load(as: UInt8.self)
        guard first > 0 else { return .nothing }
        let size = first < 0xFF ? shortSize : longSize
        guard available >= size else { return .needs(size) }
        let length =
            first < 0xFF
            ? UInt64(first) : UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
        guard length > 0, length <= UInt64(Int.max) else { throw .illegalSize }
        let flags = bytes.load(fromByteOffset: size - 1, as: UInt8.self)
        guard flags <= 1 else { throw .illegalFlags(flags) }
        return .header(Version1Header(flags: flags, bodySize: Int(length) - 1, size: size))
    }

    /// Writes the header to `bytes`, which must have room for `size` bytes.
    func write(to bytes: UnsafeMutableRawPointer) {
        if size == Self.shortSize {
            bytes.storeBytes(of: UInt8(truncatingIfNeeded: bodySize + 1), as: UInt8.self)
        } else {
            bytes.storeBytes(of: 0xFF, as: UInt8.self)
            bytes.storeBytes(of: (UInt64(bodySize) + 1).bigEndian, toByteOffset: 1, as: UInt64.self)
        }
        bytes.storeBytes(of: flags, toByteOffset: size - 1, as: UInt8.self)
    }

    /// Appends the header to `output`.
    func append(to output: inout [UInt8]) {
        if size == Self.shortSize {
            output.append(UInt8(truncatingIfNeeded: bodySize + 1))
        } else {
            output.append(0xFF)
            output.appendBigEndian(UInt64(bodySize) + 1)
        }
        output.append(flags)
    }
}
