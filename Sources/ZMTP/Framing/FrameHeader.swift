// The 2 or 9 bytes in front of a frame's body (RFC 37, "Framing"): flags, and the size of the body, which takes one
// byte or, above 255, eight big-endian bytes. In memory a frame has the same form as on the wire.
//
//   F-1  The size excludes the flags and itself. The empty frame is `00 00`.
//   F-2  Senders use the short form up to 255 bytes; receivers take the long form for any size.
//   F-3  COMMAND with MORE, and reserved bits, are errors.
//   F-4  A size with its top bit set is an error.

/// Flags and body size of one ZMTP 3.x frame.
@usableFromInline
package struct FrameHeader: Equatable, Sendable {
    /// The flag of a frame that is followed by another one of the same message.
    @inlinable package static var more: UInt8 { 0b001 }
    /// The flag of an eight-byte size.
    @inlinable package static var long: UInt8 { 0b010 }
    /// The flag of a command.
    @inlinable package static var command: UInt8 { 0b100 }

    /// The size of a header with a one-byte size field.
    @inlinable package static var shortSize: Int { 2 }
    /// The size of a header with an eight-byte size field.
    @inlinable package static var longSize: Int { 9 }

    /// The flags octet, including `long` when the header has that form.
    @usableFromInline package let flags: UInt8
    /// The number of bytes in the body.
    @usableFromInline package let bodySize: Int

    /// A header for sending, in the shortest form.
    ///
    /// - Precondition: `bodySize` is not negative.
    package init(flags: UInt8 = 0, bodySize: Int) {
        precondition(bodySize >= 0, "the size of a frame cannot be negative")
        self.flags = bodySize > 255 ? flags | Self.long : flags & ~Self.long
        self.bodySize = bodySize
    }

    /// Reads the header at `bytes`, which this program wrote or has already checked.
    @inlinable @inline(__always)
    package init(trusted bytes: UnsafeRawPointer) {
        flags = bytes.load(as: UInt8.self)
        if flags & Self.long == 0 {
            bodySize = Int(bytes.load(fromByteOffset: 1, as: UInt8.self))
        } else {
            let size = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
            bodySize = Int(truncatingIfNeeded: size)
        }
    }

    /// The size of the header of a body of `bodySize` bytes, in the shortest form.
    @inlinable @inline(__always)
    package static func size(forBody bodySize: Int) -> Int { bodySize <= 255 ? shortSize : longSize }

    /// The size of this header.
    @inlinable @inline(__always)
    package var size: Int { flags & Self.long == 0 ? Self.shortSize : Self.longSize }

    /// The size of header and body together. Only for sizes that have been checked against available memory.
    @inlinable @inline(__always)
    package var frameSize: Int { size &+ bodySize }

    /// Whether another frame of the same message follows.
    @inlinable @inline(__always)
    package var hasMore: Bool { flags & Self.more != 0 }

    /// Whether the frame is a command.
    package var isCommand: Bool { flags & Self.command != 0 }
}

// MARK: Writing

extension FrameHeader {
    /// Writes a header in the shortest form to `bytes`, which must have room for it, and returns its size.
    @inlinable @inline(__always)
    @discardableResult
    package static func write(flags: UInt8 = 0, bodySize: Int, to bytes: UnsafeMutableRawPointer) -> Int {
        if bodySize <= 255 {
            bytes.storeBytes(of: flags, as: UInt8.self)
            bytes.storeBytes(of: UInt8(truncatingIfNeeded: bodySize), toByteOffset: 1, as: UInt8.self)
            return shortSize
        }
        bytes.storeBytes(of: flags | long, as: UInt8.self)
        bytes.storeBytes(of: UInt64(bodySize).bigEndian, toByteOffset: 1, as: UInt64.self)
        return longSize
    }

    /// Writes the header in the shortest form to `bytes`, which must have room for it.
    package func write(to bytes: UnsafeMutableRawPointer) {
        Self.write(flags: flags & ~Self.long, bodySize: bodySize, to: bytes)
    }

    /// Appends the header to `output`, in the shortest form.
    package func append(to output: inout [UInt8]) {
        output.append(count: Self.size(forBody: bodySize)) { write(to: $0) }
    }
}
