import EventReactor

/// The memory that the byte-stream connections of one reactor share: one object, which each of them keeps.
final class StreamBuffers {
    let chunks: ChunkPool
    let gather = GatherList()

    private init(_ chunks: ChunkPool) { self.chunks = chunks }

    static func of(_ reactor: Reactor) -> StreamBuffers {
        reactor.shared(StreamBuffers.self) { StreamBuffers(.of(reactor)) }
    }
}
