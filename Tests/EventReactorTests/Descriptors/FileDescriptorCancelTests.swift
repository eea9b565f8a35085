import EventReactor
import Glibc
import Testing

@Suite struct FileDescriptorCancelTests {
    @Test func itselfInItsHandler() throws {
        let reactor = try Reactor()
        let pair = SocketPair()
        pair.poke()
        var calls = 0
        var released = false
        do {
            let probe = Probe { released = true }
            try reactor.watch(pair.a, for: .readable) { watcher, _ in
                withExtendedLifetime(probe) {}
                calls += 1
                watcher.cancel()
                pair.closeA()
                #expect(!watcher.isActive)
                #expect(!released, "a running handler must not be released")
            }
        }
        turns(3, of: reactor)
        #expect(calls == 1)
        #expect(released)
    }

    @Test(arguments: [false, true])
    func theOtherOfTwoReady(closing: Bool) throws {
        let reactor = try Reactor()
        let pairs = [SocketPair(), SocketPair()]
        var watchers: [FileDescriptorWatcher] = []
        var calls = 0
        for (index, pair) in pairs.enumerated() {
            pair.poke()
            watchers.append(
                try reactor.watch(pair.a, for: .readable) { _, _ in
                    calls += 1
                    watchers[1 - index].cancel()
                    if closing { pairs[1 - index].closeA() }
                }
            )
        }
        turns(1, of: reactor)
        #expect(calls == 1, "the second was ready as well, and cancelled by the first")
        turns(2, of: reactor)
        #expect(calls == 3)
    }

    @Test func allOfManyInOneHandler() throws {
        let reactor = try Reactor()
        let pairs = (0..<50).map { _ in SocketPair() }
        var watchers: [FileDescriptorWatcher] = []
        var calls = 0
        for pair in pairs {
            pair.poke()
            watchers.append(
                try reactor.watch(pair.a, for: .readable) { _, _ in
                    calls += 1
                    for watcher in watchers { watcher.cancel() }
                    for pair in pairs { pair.closeA() }
                }
            )
        }
        turns(3, of: reactor)
        #expect(calls == 1)
    }

    /// The number is reused for another connection within the same turn, while an event for the old one is pending.
    @Test func numberReusedWithinTheTurn() throws {
        let reactor = try Reactor()
        let pairs = [SocketPair(), SocketPair()]
        var watchers: [FileDescriptorWatcher] = []
        var log: [String] = []
        let fresh = SocketPair()
        var reused: CInt = -1
        for (index, pair) in pairs.enumerated() {
            pair.poke()
            watchers.append(
                try reactor.watch(pair.a, for: .readable) { watcher, _ in
                    log.append("old")
                    watcher.cancel()
                    let other = pairs[1 - index]
                    reused = other.a
                    watchers[1 - index].cancel()
                    #expect(dup2(fresh.a, reused) == reused)
                    _ = try? reactor.watch(reused, for: .readable) { watcher, _ in
                        log.append("new")
                        #expect(watcher.descriptor == reused)
                        fresh.take()
                    }
                }
            )
        }
        turns(3, of: reactor)
        #expect(log == ["old"], "the new connection has nothing to read")
        fresh.poke()
        run(reactor, until: { log.count == 2 })
        #expect(log == ["old", "new"])
        turns(2, of: reactor)
        #expect(log == ["old", "new"])
    }

    @Test func numberReusedRepeatedly() throws {
        let reactor = try Reactor()
        var served = 0
        for _ in 0..<200 {
            let pair = SocketPair()
            let watcher = try reactor.watch(pair.a, for: [.readable, .writable]) { _, ready in
                #expect(ready == [.readable, .writable])
                served += 1
            }
            pair.poke()
            turns(1, of: reactor)
            watcher.cancel()
        }
        #expect(served == 200)
    }

    @Test func addedInAHandlerWaitsForTheNextTurn() throws {
        let reactor = try Reactor()
        let pairs = [SocketPair(), SocketPair()]
        pairs.forEach { $0.poke() }
        var log: [Int] = []
        try reactor.watch(pairs[0].a, for: .readable) { [unowned reactor] watcher, _ in
            log.append(0)
            watcher.cancel()
            _ = try? reactor.watch(pairs[1].a, for: .readable) { _, _ in log.append(1) }
        }
        turns(1, of: reactor)
        #expect(log == [0])
        turns(1, of: reactor)
        #expect(log == [0, 1])
    }

    /// The last reference to an object with watchers is released within the turn, and its deinit cancels more.
    @Test func inDeinit() throws {
        final class Connection {
            let pair = SocketPair()
            var watcher: FileDescriptorWatcher?
            var next: Connection?
            deinit {
                watcher?.cancel()
                pair.closeA()
            }
        }
        let reactor = try Reactor()
        var first: Connection? = Connection()
        first?.next = Connection()
        first?.next?.next = Connection()
        var calls = 0
        var connection = first
        while let current = connection {
            current.pair.poke()
            current.watcher = try reactor.watch(current.pair.a, for: .readable) { _, _ in
                calls += 1
                first = nil
            }
            connection = current.next
        }
        turns(3, of: reactor)
        #expect(calls == 1)
    }
}
