/// The checksum of RFC 1071: the ones' complement sum of all 16-bit words.
///
/// Words are added as they lie in memory: the sum of swapped words is the swapped sum.
enum InternetChecksum {
    /// The folded sum, in the byte order of memory. An odd byte at the end counts as followed by a zero.
    static func sum(_ bytes: UnsafeRawBufferPointer) -> UInt16 {
        guard let base = bytes.baseAddress else { return 0 }
        var total: UInt64 = 0
        var offset = 0
        while offset &+ 8 <= bytes.count {
            let word = base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            total &+= (word & 0xFFFF_FFFF) &+ (word >> 32)
            offset &+= 8
        }
        while offset &+ 2 <= bytes.count {
            total &+= UInt64(base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
            offset &+= 2
        }
        if offset < bytes.count {
            let last = UInt16(base.load(fromByteOffset: offset, as: UInt8.self))
            total &+= UInt64(UInt16(littleEndian: last))
        }
        while total >> 16 != 0 { total = (total & 0xFFFF) &+ (total >> 16) }
        return UInt16(truncatingIfNeeded: total)
    }

    /// What to write, in the byte order of memory, into the checksum field of bytes that have zeros there. Never 0,
    /// which stands for none.
    static func value(_ bytes: UnsafeRawBufferPointer) -> UInt16 {
        let sum = sum(bytes)
        return sum == 0xFFFF ? sum : ~sum
    }
}
