import Synchronization

/// How far a shared chunk is filled or read: the messages in it, and where they end. It is one word, which is published
/// without a lock.
struct Cursor: RawRepresentable, AtomicRepresentable, Equatable, Sendable {
    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    /// - Parameter end: an offset in a chunk of at most `Chunk.Size.shared` bytes.
    @inline(__always)
    init(count: Int, end: Int) { rawValue = UInt64(UInt32(count)) << 32 | UInt64(UInt32(end)) }

    static let empty = Cursor(rawValue: 0)

    var count: Int { Int(rawValue >> 32) }
    var end: Int { Int(UInt32(truncatingIfNeeded: rawValue)) }
}
