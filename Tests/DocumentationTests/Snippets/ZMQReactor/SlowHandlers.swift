import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/SlowHandlers.md shows.
enum SlowHandlersPage {
    static func pieces(_ reactor: Reactor, _ work: [Int], _ done: @escaping (Int) -> Void) {
        var rest = work[...]
        var sum = 0
        reactor.onIdle { watcher in
            sum += rest.prefix(1000).reduce(0, +)
            rest = rest.dropFirst(1000)
            guard rest.isEmpty else { return }
            watcher.cancel()
            done(sum)
        }
    }

    static func complain(_ reactor: Reactor) {
        reactor.onSlowHandler(longerThan: .milliseconds(50)) { print($0) }
    }
}
