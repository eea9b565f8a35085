#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// For tests, which find by it what is not released; without assertions nothing is counted.
extension Chunk {
    /// Numbers of chunks.
    package struct Counts: Equatable, Sendable {
        package var all = 0
        /// Those large enough to be buffers of connections.
        package var large = 0
        /// Those of exactly the two sizes of buffers that have not grown, which other memory hardly has.
        package var buffers = 0
    }

    private var isLarge: Bool { capacity >= Size.small }
    private var isBuffer: Bool { capacity == Size.small || capacity == Size.shared }

    /// The chunks that this thread has made, less those that it has released.
    package static var countsOfThread: Counts {
        pthread_getspecific(key).map { $0.load(as: Counts.self) } ?? Counts()
    }

    private static let key = {
        var key = pthread_key_t()
        precondition(pthread_key_create(&key, { free($0) }) == 0, "no key for the numbers of chunks")
        return key
    }()

    /// Counts this chunk; call in an assertion.
    func count(_ difference: Int) -> Bool {
        let place = pthread_getspecific(Self.key) ?? Self.makePlace()
        place.withMemoryRebound(to: Counts.self, capacity: 1) { counts in
            counts.pointee.all += difference
            if isLarge { counts.pointee.large += difference }
            if isBuffer { counts.pointee.buffers += difference }
        }
        return true
    }

    private static func makePlace() -> UnsafeMutableRawPointer {
        let place = calloc(1, MemoryLayout<Counts>.size)!
        pthread_setspecific(key, place)
        return place
    }
}
