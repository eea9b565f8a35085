// The mask of a client's frames (RFC 6455, section 5.3): each byte is combined with one of four, in turn.

/// The four bytes of a mask, rotated so that the lowest one is next.
struct WebSocketMask {
    private(set) var key: UInt32

    /// A mask whose bytes in memory are those of `key` in memory.
    init(_ key: UInt32) { self.key = UInt32(littleEndian: key) }

    /// Combines the next byte.
    mutating func apply(to byte: UInt8) -> UInt8 {
        defer { advance(1) }
        return byte ^ UInt8(truncatingIfNeeded: key)
    }

    @inline(__always)
    private mutating func advance(_ count: Int) {
        let bits = UInt32(truncatingIfNeeded: count & 3) &* 8
        key = key &>> bits | key &<< ((32 &- bits) & 31)
    }

    /// Copies `count` bytes and combines them. The target may overlap the source if it does not begin behind it.
    @inline(__always)
    mutating func copy(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int) {
        let word = (UInt64(key) | UInt64(key) << 32).littleEndian
        var offset = 0
        // All loads of a step stand before its stores, which then overwrite nothing that is still to be read.
        while count &- offset >= 32 {
            let (from, to) = (source + offset, target + offset)
            let first = from.loadUnaligned(as: UInt64.self) ^ word
            let second = from.loadUnaligned(fromByteOffset: 8, as: UInt64.self) ^ word
            let third = from.loadUnaligned(fromByteOffset: 16, as: UInt64.self) ^ word
            let fourth = from.loadUnaligned(fromByteOffset: 24, as: UInt64.self) ^ word
            to.storeBytes(of: first, as: UInt64.self)
            to.storeBytes(of: second, toByteOffset: 8, as: UInt64.self)
            to.storeBytes(of: third, toByteOffset: 16, as: UInt64.self)
            to.storeBytes(of: fourth, toByteOffset: 24, as: UInt64.self)
            offset &+= 32
        }
        while count &- offset >= 8 {
            let value = source.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ word
            target.storeBytes(of: value, toByteOffset: offset, as: UInt64.self)
            offset &+= 8
        }
        while offset < count {
            let mask = UInt8(truncatingIfNeeded: key &>> (UInt32(truncatingIfNeeded: offset & 3) &* 8))
            target.storeBytes(
                of: source.load(fromByteOffset: offset, as: UInt8.self) ^ mask,
                toByteOffset: offset,
                as: UInt8.self
            )
            offset &+= 1
        }
        advance(count)
    }
}

/// Where the masks of clients come from: bytes that a peer cannot predict, fetched for many frames at a time.
package final class WebSocketMasks {
    private var keys: [UInt32] = []
    private let fetch: (_ count: Int) -> [UInt32]

    /// Masks that are fetched at a time.
    private static let batch = 256

    /// - Parameter fetch: returns so many unpredictable numbers.
    package init(_ fetch: @escaping (_ count: Int) -> [UInt32]) { self.fetch = fetch }

    @inline(__always)
    func next() -> UInt32 { keys.popLast() ?? refill() }

    @inline(never)
    private func refill() -> UInt32 {
        keys = fetch(Self.batch)
        return keys.popLast() ?? 0
    }
}
