/// How a frame looks in memory and on a ZMTP 3.x wire (RFC 37, "Framing"): flags, size, body.
///
/// The size takes one byte up to 255 and eight big-endian bytes beyond.
@usableFromInline
package enum FrameLayout {
    @inlinable package static var more: UInt8 { 0b001 }
    @inlinable package static var long: UInt8 { 0b010 }
    @inlinable package static var command: UInt8 { 0b100 }

    @inlinable package static var shortHeader: Int { 2 }
    @inlinable package static var longHeader: Int { 9 }

    /// The bytes of header that a body of `size` bytes needs.
    @inlinable @inline(__always)
    package static func headerSize(forBody size: Int) -> Int { size <= 255 ? shortHeader : longHeader }

    /// Writes a header at `destination` and returns its size.
    @inlinable @inline(__always)
    package static func writeHeader(flags: UInt8, bodySize: Int, to destination: UnsafeMutableRawPointer) -> Int {
        if bodySize <= 255 {
            destination.storeBytes(of: flags, as: UInt8.self)
            destination.storeBytes(of: UInt8(truncatingIfNeeded: bodySize), toByteOffset: 1, as: UInt8.self)
            return shortHeader
        }
        destination.storeBytes(of: flags | long, as: UInt8.self)
        destination.storeBytes(of: UInt64(bodySize).bigEndian, toByteOffset: 1, as: UInt64.self)
        return longHeader
    }

    /// Reads the header of a frame that is known to be whole and well formed.
    @inlinable @inline(__always)
    package static func readHeader(_ frame: UnsafeRawPointer) -> (flags: UInt8, headerSize: Int, bodySize: Int) {
        let flags = frame.load(as: UInt8.self)
        if flags & long == 0 { return (flags, shortHeader, Int(frame.load(fromByteOffset: 1, as: UInt8.self))) }
        let size = UInt64(bigEndian: frame.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
        return (flags, longHeader, Int(truncatingIfNeeded: size))
    }
}
