import EventReactor

/// The memory that the byte-stream connections of one reactor share: one object, which each of them keeps.
final class StreamBuffers {
    let chunks: ChunkPool
    let gather = GatherList()

    let returned: ReturnedPages

    private init(_ chunks: ChunkPool, _ returned: ReturnedPages) { (self.chunks, self.returned) = (chunks, returned) }

    static func of(_ reactor: Reactor) -> StreamBuffers {
        reactor.shared(StreamBuffers.self) { StreamBuffers(.of(reactor), .of(reactor)) }
    }
}
