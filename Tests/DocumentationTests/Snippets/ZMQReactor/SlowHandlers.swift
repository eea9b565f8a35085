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
        var last = reactor.now
        reactor.every(.milliseconds(100), missedTicks: .skip) { _ in
            let late = last.duration(to: reactor.now) - .milliseconds(100)
            if late > .milliseconds(50) { print("a handler has taken about", late) }
            last = reactor.now
        }
    }
}
