import ZMTP

/// The producer's side of a chunk that the consumer reads while it is being filled.
struct SharedChunk {
    private let base: UnsafeMutableRawPointer
    private(set) var end: UnsafeMutableRawPointer
    private var count = 0

    init(_ chunk: Chunk, from start: UnsafeMutableRawPointer) { (base, end) = (chunk.base, start) }

    @inline(__always)
    mutating func grow(by messages: Int, to end: UnsafeMutableRawPointer) -> Cursor {
        count &+= messages
        self.end = end
        return Cursor(count: count, end: end - base)
    }
}
