import EventReactor
import Testing

@Suite struct ReactorSmokeTests {
    @Test func allTogether() throws {
        let reactor = try Reactor()
        let pair = SocketPair()
        var log: [String] = []
        try reactor.watch(pair.a, for: .readable) { watcher, ready in
            log.append("fd \(ready)")
            pair.take()
            watcher.cancel()
            reactor.stop()
        }
        reactor.after(.milliseconds(2)) { _ in
            log.append("timer")
            reactor.handle.submit { reactor in
                reactor.handle.submit { _ in }
            }
            pair.poke()
        }
        reactor.run()
        #expect(log == ["timer", "fd readable"])
    }
}
