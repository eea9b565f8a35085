import EventReactor
import Testing

@Suite struct FileDescriptorInterestTests {
    @Test func changesTakeEffect() throws {
        let reactor = try Reactor()
        let pair = SocketPair()
        pair.poke()
        var seen: [Readiness] = []
        let watcher = try reactor.watch(pair.a, for: []) { _, ready in seen.append(ready) }
        turns(2, of: reactor)
        #expect(seen == [])
        for interest: Readiness in [.readable, .writable, [.readable, .writable], [], .readable] {
            watcher.interest = interest
            #expect(watcher.interest == interest)
            seen = []
            turns(1, of: reactor)
            #expect(seen == (interest.isEmpty ? [] : [interest]))
        }
    }

    @Test func backAndForthWithinATurn() throws {
        let reactor = try Reactor()
        let pair = SocketPair()
        pair.poke()
        var calls = 0
        let watcher = try reactor.watch(pair.a, for: .readable) { _, _ in calls += 1 }
        watcher.interest = [.readable, .writable]
        watcher.interest = []
        watcher.interest = .readable
        turns(1, of: reactor)
        #expect(calls == 1)
    }

    /// Whichever of two is called first changes the interest of the other, whose event is pending.
    private func changeOther(from: Readiness, to interest: Readiness) throws -> [Readiness] {
        let reactor = try Reactor()
        let pairs = [SocketPair(), SocketPair()]
        var watchers: [FileDescriptorWatcher] = []
        var seen: [Readiness] = []
        for (index, pair) in pairs.enumerated() {
            pair.poke()
            watchers.append(
                try reactor.watch(pair.a, for: from) { _, ready in
                    seen.append(ready)
                    if seen.count == 1 { watchers[1 - index].interest = interest }
                }
            )
        }
        turns(1, of: reactor)
        return seen
    }

    @Test func readinessIsNotLostByAChangeInTheSameTurn() throws {
        #expect(try changeOther(from: .readable, to: [.readable, .writable]) == [.readable, .readable])
    }

    @Test func conditionsNoLongerOfInterestAreNotReported() throws {
        let both: Readiness = [.readable, .writable]
        #expect(try changeOther(from: both, to: .readable) == [both, .readable])
        #expect(try changeOther(from: both, to: []) == [both])
        #expect(try changeOther(from: .readable, to: .writable) == [.readable])
    }

    @Test func pausedInItsOwnHandler() throws {
        let reactor = try Reactor()
        let pair = SocketPair()
        pair.poke()
        var calls = 0
        let watcher = try reactor.watch(pair.a, for: .readable) { watcher, _ in
            calls += 1
            watcher.interest = []
        }
        turns(3, of: reactor)
        #expect(calls == 1)
        watcher.interest = .readable
        turns(3, of: reactor)
        #expect(calls == 2)
    }

    @Test func describesItself() {
        #expect(Readiness.readable.description == "readable")
        #expect(Readiness([.readable, .writable]).description == "readable, writable")
        #expect(Readiness().description == "none")
    }
}
