import Testing

@testable import EventReactor

@Suite struct VigilTests {
    @Test func onlyATurnWithAnExchangeIsFollowedByOne() {
        var vigil = Vigil()
        expect(!vigil.begins())
        vigil.exchanged()
        expect(vigil.begins())
        expect(!vigil.begins(), "one exchange, one vigil")
    }

    /// How many turns with an exchange pass until there is a vigil.
    private func skipped(_ vigil: inout Vigil) -> Int {
        for count in 0...1000 {
            vigil.exchanged()
            if vigil.begins() { return count }
        }
        return .max
    }

    @Test func eachMissMakesThemRarer() {
        var vigil = Vigil()
        for expected in [0, 2, 4, 8, 16, 32, 64, 64, 64] {
            expect(skipped(&vigil) == expected)
            vigil.wasInVain()
        }
        expect(skipped(&vigil) == 64)
        _ = vigil.hadNews(at: 1)
        expect(skipped(&vigil) == 0, "one with news makes them usual again")
        vigil.wasInVain()
        expect(skipped(&vigil) == 2)
        vigil.hasLooked(at: 2)
        vigil.wasInVain()
        expect(skipped(&vigil) == 2, "and so does one with events at descriptors")
    }

    @Test func descriptorsArePolledOccasionally() {
        var vigil = Vigil()
        let start: Int64 = 1_000_000_000
        expect(vigil.hadNews(at: start))
        expect(!vigil.hadNews(at: start + Vigil.limit))
        expect(vigil.hadNews(at: start + Vigil.limit + 1))
        vigil.hasLooked(at: start + 2 * Vigil.limit)
        expect(!vigil.hadNews(at: start + 3 * Vigil.limit))
    }

    @Test("a descriptor is served although another thread has something at every turn")
    func newsDoesNotDelayDescriptors() throws {
        let reactor = try Reactor()
        let bell = Doorbell()
        let ringer = Ringer(bell, at: reactor)
        reactor.answer(bell, with: ringer)
        let pair = SocketPair()
        var served = false
        try reactor.watch(pair.a, for: .readable) { watcher, _ in
            served = true
            watcher.cancel()
        }
        pair.poke()
        ringer.doorbellRang()
        run(reactor, until: { served })
        reactor.answer(bell, with: nil)
    }

    /// Has another thread ring again whenever it has rung.
    private final class Ringer: DoorbellHandler {
        private let bell: Doorbell
        private unowned let reactor: Reactor

        init(_ bell: Doorbell, at reactor: Reactor) { (self.bell, self.reactor) = (bell, reactor) }

        func doorbellRang() {
            reactor.exchangesWithAnotherThread()
            let (handle, bell) = (reactor.handle, bell)
            OtherThread { _ = handle.ring(bell) }.join()
        }
    }
}

/// The macro captures its operands, which cannot be changed then.
private func expect(_ holds: Bool, _ comment: Comment? = nil, _ location: SourceLocation = #_sourceLocation) {
    #expect(holds, comment, sourceLocation: location)
}
