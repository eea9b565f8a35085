import Testing

@testable import EventReactor

@Suite struct WakeupTests {
    private final class Handler: WakeupHandler {
        private(set) var signals = 0
        var then: () -> Void = {}

        func wakeupSignalled() {
            signals += 1
            then()
        }
    }

    @Test func isDeliveredOnTheReactorsThreadAndWakesIt() throws {
        let reactor = try Reactor()
        let (wakeup, handler) = (Wakeup(), Handler())
        reactor.register(handler, for: wakeup)
        let handle = reactor.handle
        let thread = OtherThread { #expect(handle.signal(wakeup)) }
        run(reactor, until: { handler.signals > 0 })
        thread.join()
        #expect(handler.signals == 1)
    }

    @Test func manySignalsWakeTheReactorOnce() throws {
        let reactor = try Reactor()
        let (wakeup, handler) = (Wakeup(), Handler())
        reactor.register(handler, for: wakeup)
        for _ in 0..<100 { #expect(reactor.handle.signal(wakeup)) }
        #expect(reactor.handle.wakeUps == 1)
        turns(1, of: reactor)
        #expect(handler.signals > 0)
    }

    @Test func atTheSameReactorItIsDeliveredAtOnce() throws {
        let reactor = try Reactor()
        let (wakeup, handler) = (Wakeup(), Handler())
        reactor.register(handler, for: wakeup)
        #expect(reactor.signal(wakeup, at: reactor.handle))
        #expect(handler.signals == 1)
        #expect(reactor.handle.wakeUps == 0)
    }

    @Test func isDeliveredAheadOfSubmittedWork() throws {
        let reactor = try Reactor()
        let (wakeup, handler) = (Wakeup(), Handler())
        reactor.register(handler, for: wakeup)
        nonisolated(unsafe) let signalled = handler
        nonisolated(unsafe) var signalsBefore = -1
        reactor.handle.submit { _ in signalsBefore = signalled.signals }
        #expect(reactor.handle.signal(wakeup))
        turns(1, of: reactor)
        #expect(signalsBefore == 1)
    }

    @Test func theReactorRetainsTheHandlerUntilItIsRemoved() throws {
        let reactor = try Reactor()
        let wakeup = Wakeup()
        weak var released: Handler?
        do {
            let handler = Handler()
            released = handler
            reactor.register(handler, for: wakeup)
        }
        #expect(released != nil)
        #expect(reactor.handle.signal(wakeup))
        reactor.register(nil, for: wakeup)
        #expect(released == nil)
        turns(1, of: reactor)
    }

    @Test func aHandlerMayRemoveItself() throws {
        let reactor = try Reactor()
        let (wakeup, other, handler) = (Wakeup(), Wakeup(), Handler())
        reactor.register(handler, for: wakeup)
        reactor.register(handler, for: other)
        handler.then = {
            reactor.register(nil, for: wakeup)
            reactor.register(nil, for: other)
        }
        #expect(reactor.handle.signal(wakeup) && reactor.handle.signal(other))
        turns(1, of: reactor)
        #expect(handler.signals == 1)
    }

    @Test func aReactorThatIsGoneTakesNoSignal() throws {
        var reactor: Reactor? = try Reactor()
        let handle = try #require(reactor).handle
        reactor = nil
        #expect(!handle.signal(Wakeup()))
    }
}
