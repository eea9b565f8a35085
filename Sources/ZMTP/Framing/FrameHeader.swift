// The 2 or 9 bytes in front of a frame's body.
//
//   F-1  The size excludes the flags and itself. The empty frame is `00 00`.
//   F-2  Senders use the short form up to 255 bytes; receivers take the long form for any size.
//   F-3  COMMAND with MORE, and reserved bits, are errors.
//   F-4  A size with its top bit set is an error.

/// Flags and body size of one ZMTP 3.x frame.
package struct FrameHeader: Equatable, Sendable {
    /// The flags octet.
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt8

        @inlinable
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Another frame of the same message follows.
        @inlinable
        package static var more: Flags { Flags(rawValue: 1) }
        /// The size takes eight bytes.
        @inlinable
        package static var long: Flags { Flags(rawValue: 2) }
        /// The frame is a command.
        @inlinable
        package static var command: Flags { Flags(rawValue: 4) }
    }

    /// The size of a header with a one-byte size field.
    package static let shortSize = 2
    /// The size of a header with an eight-byte size field.
    package static let longSize = 9

    /// The flags, `long` included when the header is in that form.
    package let flags: Flags
    /// The number of bytes in the body.
    package let bodySize: Int

    /// A header for sending, in the shortest form.
    ///
    /// - Precondition: `bodySize` is not negative.
    @inlinable
    package init(_ kind: Flags = [], bodySize: Int) {
        precondition(bodySize >= 0, "The size of a frame cannot be negative")
        flags = bodySize > 255 ? Flags(rawValue: kind.rawValue | 2) : Flags(rawValue: kind.rawValue & ~2)
        self.bodySize = bodySize
    }

    /// Reads the header at `bytes`, which this program wrote or has checked before.
    @inlinable
    package init(trusted bytes: UnsafeRawPointer) {
        flags = Flags(rawValue: bytes.load(as: UInt8.self))
        if flags.rawValue & 2 == 0 {
            bodySize = Int(bytes.load(fromByteOffset: 1, as: UInt8.self))
        } else {
            bodySize = Int(
                truncatingIfNeeded: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
            )
        }
    }

    /// The size of the header of a body of `bodySize` bytes, in the shortest form.
    @inlinable
    package static func size(forBody bodySize: Int) -> Int { bodySize > 255 ? 9 : 2 }

    /// The size of this header.
    @inlinable
    package var size: Int { flags.rawValue & 2 == 0 ? 2 : 9 }

    /// Whether another frame of the same message follows.
    @inlinable
    package var hasMore: Bool { flags.rawValue & 1 != 0 }

    /// The size of header and body together. Only for sizes that have been checked against memory.
    @inlinable
    package var frameSize: Int { size + bodySize }

    /// Writes the header to `bytes`, which has room for `size` bytes.
    @inlinable
    package func write(to bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: flags.rawValue, as: UInt8.self)
        if flags.rawValue & 2 == 0 {
            bytes.storeBytes(of: UInt8(truncatingIfNeeded: bodySize), toByteOffset: 1, as: UInt8.self)
        } else {
            bytes.storeBytes(of: UInt64(bodySize).bigEndian, toByteOffset: 1, as: UInt64.self)
        }
    }

    /// Appends the header to `output`.
    package func append(to output: inout [UInt8]) {
        output.append(flags.rawValue)
        if flags.contains(.long) {
            output.appendBigEndian(UInt64(bodySize))
        } else {
            output.append(UInt8(truncatingIfNeeded: bodySize))
        }
    }
}
