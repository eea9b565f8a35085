// The header of a WebSocket frame (RFC 6455, section 5.2).
//
//     FIN RSV×3 opcode×4 | MASK length×7 | length, 0, 2 or 8 bytes | mask, 0 or 4 bytes
//
//   WS-10  Reserved bits and opcodes, and a length that is not in its shortest form, are errors.
//   WS-11  Frames of a client are masked, those of a server are not; anything else is an error.
//   WS-12  Control frames are whole, and have at most 125 bytes.

/// What the first two bytes of a frame say.
struct WebSocketHeader {
    enum Opcode {
        static let continuation: UInt8 = 0
        static let text: UInt8 = 1
        static let binary: UInt8 = 2
        static let close: UInt8 = 8
        static let ping: UInt8 = 9
        static let pong: UInt8 = 10
    }

    /// The final frame of a binary message.
    static let binary: UInt8 = 0x82
    static let mask: UInt8 = 0x80
    /// The most bytes of a control frame.
    static let controlLimit = 125
    /// The size of the longest header, without a mask.
    static let longest = 10

    let isFinal: Bool
    let opcode: UInt8
    let isMasked: Bool
    private let length: UInt8

    /// Reads and checks the first two bytes.
    init(_ first: UInt8, _ second: UInt8, expectsMask: Bool) throws(WebSocketFault) {
        isFinal = first & 0x80 != 0
        opcode = first & 0x0F
        isMasked = second & Self.mask != 0
        length = second & 0x7F
        guard first & 0x70 == 0 else { throw .malformed("reserved bits") }
        guard isMasked == expectsMask else {
            throw .malformed(expectsMask ? "a client does not mask it" : "a server masks it")
        }
        switch opcode {
        case 0...2: break
        case 8...10:
            guard isFinal else { throw .malformed("a control frame is fragmented") }
            guard length <= Self.controlLimit else { throw .malformed("a control frame has more than 125 bytes") }
        default: throw .malformed("the opcode \(opcode) is reserved")
        }
    }

    var isControl: Bool { opcode & 8 != 0 }
    var isEmpty: Bool { length == 0 }

    /// The size of the header.
    var size: Int { Self.size(length: length) + (isMasked ? 4 : 0) }

    @inline(__always)
    static func size(length: UInt8) -> Int { length < 126 ? 2 : length == 126 ? 4 : 10 }

    /// The number of bytes in the frame, whose complete header lies at `bytes`.
    static func payloadSize(_ bytes: UnsafeRawPointer) throws(WebSocketFault) -> Int {
        let length = bytes.load(fromByteOffset: 1, as: UInt8.self) & 0x7F
        if length < 126 { return Int(length) }
        if length == 126 {
            let size = Int(bytes.bigEndian16(at: 2))
            guard size > 125 else { throw .malformed("its length is not in the shortest form") }
            return size
        }
        let size = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
        guard size <= UInt64(Int.max) else { throw .malformed("its length has the top bit set") }
        guard size > 65_535 else { throw .malformed("its length is not in the shortest form") }
        return Int(size)
    }

    /// Writes a header in the shortest form, without the mask, to `bytes`, which must have room for it; returns its
    /// size.
    @inline(__always)
    static func write(_ first: UInt8, payloadSize: Int, mask: UInt8, to bytes: UnsafeMutableRawPointer) -> Int {
        bytes.storeBytes(of: first, as: UInt8.self)
        if payloadSize < 126 {
            bytes.storeBytes(of: UInt8(truncatingIfNeeded: payloadSize) | mask, toByteOffset: 1, as: UInt8.self)
            return 2
        }
        if payloadSize < 65_536 {
            bytes.storeBytes(of: 126 | mask, toByteOffset: 1, as: UInt8.self)
            bytes.storeBytes(of: UInt16(truncatingIfNeeded: payloadSize).bigEndian, toByteOffset: 2, as: UInt16.self)
            return 4
        }
        bytes.storeBytes(of: 127 | mask, toByteOffset: 1, as: UInt8.self)
        bytes.storeBytes(of: UInt64(payloadSize).bigEndian, toByteOffset: 2, as: UInt64.self)
        return 10
    }
}
