import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/MemoryLeaks.md shows.
enum MemoryLeaksPage {
    static func ending(_ reactor: Reactor, _ context: Context) throws {
        try reactor.stopOnInterrupt(closing: context)
    }
}
