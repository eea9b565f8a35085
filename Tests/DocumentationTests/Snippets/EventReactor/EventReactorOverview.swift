import EventReactor

/// What Sources/EventReactor/Documentation.docc/EventReactor.md shows.
enum EventReactorOverviewPage {
    static func overview() throws {
        let reactor = try Reactor()
        reactor.every(.seconds(1)) { _ in print("tick") }
        try reactor.watch(0, for: .readable) { watcher, _ in
            print("input is ready")
            watcher.cancel()
        }
        try reactor.stopOnTermination()
        reactor.run()
    }
}
