import ZMTP

/// The chunk that the other end of a link follows while it is being filled.
struct FollowedChunk {
    private let base: UnsafeMutableRawPointer
    private(set) var end: UnsafeMutableRawPointer
    private var count = 0

    init(_ chunk: Chunk, from start: UnsafeMutableRawPointer) { (base, end) = (chunk.base, start) }

    @inline(__always)
    mutating func grow(by messages: Int, to end: UnsafeMutableRawPointer) -> Extent {
        count &+= messages
        self.end = end
        return Extent(count: count, end: end - base)
    }
}
