import CSockets
import Glibc
import Synchronization

/// Has the allocator give back what is free, when a lot of it has become free.
///
/// It keeps freed memory below what is still in use, and gives it back only when asked, see malloc_trim(3). That takes
/// as long as there is memory to give back, so a thread of its own does it, a moment later: what empties a queue is
/// still at it, and queues that fill and empty again and again cause it now and then only.
enum MemoryTrim {
    private static let isPending = Atomic(false)
    private static let pause: UInt32 = 200_000  // microseconds

    static func request() {
        guard isPending.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else { return }
        var thread = pthread_t()
        let result = pthread_create(
            &thread,
            nil,
            { _ in
                usleep(MemoryTrim.pause)
                MemoryTrim.isPending.store(false, ordering: .relaxed)
                csockets_trim_memory()
                return nil
            },
            nil
        )
        guard result == 0 else { return isPending.store(false, ordering: .relaxed) }
        pthread_detach(thread)
    }

    /// Whether so few bytes in use are worth a request when there have been `peak`.
    static func isWorthwhile(_ used: Int, after peak: Int) -> Bool { peak >= 16 << 20 && used <= peak / 8 }
}
