import Testing

@testable import EventReactor

@Suite struct AdaptiveWaitingTests {
    @Test func onlyATurnWithAnArrivalIsFollowedByAPoll() {
        var waiting = AdaptiveWaiting()
        expect(!waiting.begins())
        waiting.noteDescriptor()
        expect(waiting.begins())
        expect(!waiting.begins(), "one arrival, one poll")
        waiting.noteThread()
        expect(waiting.begins())
    }

    /// How many turns with an arrival pass until there is a poll.
    private func skipped(_ waiting: inout AdaptiveWaiting) -> Int {
        for count in 0...10_000 {
            waiting.noteDescriptor()
            if waiting.begins() { return count }
        }
        return .max
    }

    @Test func eachMissMakesPollsRarer() {
        var waiting = AdaptiveWaiting()
        for expected in [0, 2, 4, 8, 16, 32, 64, 64, 64] {
            expect(skipped(&waiting) == expected)
            waiting.ended(found: false, after: AdaptiveWaiting.limit)
        }
        expect(skipped(&waiting) == 64)
        waiting.ended(found: true, after: AdaptiveWaiting.limit)
        expect(skipped(&waiting) == 0, "a hit resets the rate")
    }

    @Test func aPollThatLostItsProcessorIsAMiss() {
        var waiting = AdaptiveWaiting()
        expect(skipped(&waiting) == 0)
        waiting.ended(found: true, after: AdaptiveWaiting.limit + 1)
        expect(skipped(&waiting) == 2)
    }

    @Test("a poll that lost its processor for a time slice is followed by a thousand turns without one")
    func losses() {
        var waiting = AdaptiveWaiting()
        for found in [true, false] {
            expect(skipped(&waiting) == 0)
            waiting.ended(found: found, after: 3_000_000)
            expect(skipped(&waiting) == 1000)
            waiting.ended(found: true, after: 5_000)
        }
        expect(skipped(&waiting) == 0, "a hit resets the rate")
    }

    @Test func theLastSourceIsCheckedMostOften() {
        var waiting = AdaptiveWaiting()
        waiting.noteThread()
        expect(waiting.roundsPerPoll > 1)
        // In the same turn, the thread takes precedence.
        waiting.noteDescriptor()
        expect(waiting.roundsPerPoll > 1)
        expect(waiting.begins())
        waiting.noteDescriptor()
        expect(waiting.roundsPerPoll == 1)
    }

    @Test func descriptorsAreCheckedOccasionallyWhateverThreadsSend() {
        var waiting = AdaptiveWaiting()
        let start: Int64 = 1_000_000_000
        expect(waiting.isPollDue(at: start))
        expect(!waiting.isPollDue(at: start + AdaptiveWaiting.limit))
        expect(waiting.isPollDue(at: start + AdaptiveWaiting.limit + 1))
    }

    @Test("a descriptor is served although another thread sends something in every turn")
    func newsDoesNotKeepDescriptorsWaiting() throws {
        let reactor = try Reactor()
        let wakeup = Wakeup()
        let signaller = Signaller(wakeup, at: reactor)
        reactor.register(signaller, for: wakeup)
        let pair = SocketPair()
        var served = false
        try reactor.watch(pair.a, for: .readable) { watcher, _ in
            served = true
            watcher.cancel()
        }
        pair.poke()
        signaller.wakeupSignalled()
        run(reactor, until: { served })
        reactor.register(nil, for: wakeup)
    }

    /// Another thread signals again after each signal.
    private final class Signaller: WakeupHandler {
        private let wakeup: Wakeup
        private unowned let reactor: Reactor

        init(_ wakeup: Wakeup, at reactor: Reactor) { (self.wakeup, self.reactor) = (wakeup, reactor) }

        func wakeupSignalled() {
            reactor.exchangesWithAnotherThread()
            let (handle, wakeup) = (reactor.handle, wakeup)
            OtherThread { _ = handle.signal(wakeup) }.join()
        }
    }
}

/// The macro captures its operands, which then cannot be changed.
private func expect(_ holds: Bool, _ comment: Comment? = nil, _ location: SourceLocation = #_sourceLocation) {
    #expect(holds, comment, sourceLocation: location)
}
