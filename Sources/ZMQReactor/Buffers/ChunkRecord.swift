import EventReactor
import ZMTP

/// The chunks of a pool that are not freed.
struct ChunkRecord {
    private struct Entry {
        weak var chunk: Chunk?
    }
    private var entries: [Entry] = []
    private var limit = 1024

    mutating func add(_ chunk: Chunk) {
        if entries.count == limit {
            entries.removeAll { $0.chunk == nil }
            limit = max(limit, 2 * entries.count)
        }
        entries.append(Entry(chunk: chunk))
    }

    var count: Int { entries.count { $0.chunk != nil } }
}

extension Reactor {
    /// Begins to record the chunks that the reactor's sockets read into and write from.
    package func recordChunks() { ChunkPool.of(self).startRecording() }

    /// The number of recorded chunks that something refers to. The spare ones are freed.
    package var chunksInUse: Int { ChunkPool.of(self).chunksInUse() }
}
