import Testing

@testable import EventReactor

@Suite struct DoorbellTests {
    private final class Door: DoorbellHandler {
        private(set) var rings = 0
        var then: () -> Void = {}

        func doorbellRang() {
            rings += 1
            then()
        }
    }

    @Test func isHandledOnTheReactorsThreadAndWakesIt() throws {
        let reactor = try Reactor()
        let (bell, door) = (Doorbell(), Door())
        reactor.answer(bell, with: door)
        let handle = reactor.handle
        let thread = OtherThread { #expect(handle.ring(bell)) }
        run(reactor, until: { door.rings > 0 })
        thread.join()
        #expect(door.rings == 1)
    }

    @Test func ringingManyTimesWakesOnce() throws {
        let reactor = try Reactor()
        let (bell, door) = (Doorbell(), Door())
        reactor.answer(bell, with: door)
        for _ in 0..<100 { #expect(reactor.handle.ring(bell)) }
        #expect(reactor.handle.wakeUps == 1)
        turns(1, of: reactor)
        #expect(door.rings > 0)
    }

    @Test func atTheSameReactorItIsHandledAtOnce() throws {
        let reactor = try Reactor()
        let (bell, door) = (Doorbell(), Door())
        reactor.answer(bell, with: door)
        #expect(reactor.ring(bell, at: reactor.handle))
        #expect(door.rings == 1)
        #expect(reactor.handle.wakeUps == 0)
    }

    @Test func runsBeforeSubmittedWork() throws {
        let reactor = try Reactor()
        let (bell, door) = (Doorbell(), Door())
        reactor.answer(bell, with: door)
        nonisolated(unsafe) let heard = door
        nonisolated(unsafe) var ringsBefore = -1
        reactor.handle.submit { _ in ringsBefore = heard.rings }
        #expect(reactor.handle.ring(bell))
        turns(1, of: reactor)
        #expect(ringsBefore == 1)
    }

    @Test func noHandlerIsRegisteredAnyMore() throws {
        let reactor = try Reactor()
        let bell = Doorbell()
        weak var released: Door?
        do {
            let door = Door()
            released = door
            reactor.answer(bell, with: door)
        }
        #expect(released != nil, "the reactor keeps it")
        #expect(reactor.handle.ring(bell))
        reactor.answer(bell, with: nil)
        #expect(released == nil)
        turns(1, of: reactor)
    }

    @Test func aHandlerMayUnregisterItself() throws {
        let reactor = try Reactor()
        let (bell, other, door) = (Doorbell(), Doorbell(), Door())
        reactor.answer(bell, with: door)
        reactor.answer(other, with: door)
        door.then = {
            reactor.answer(bell, with: nil)
            reactor.answer(other, with: nil)
        }
        #expect(reactor.handle.ring(bell) && reactor.handle.ring(other))
        turns(1, of: reactor)
        #expect(door.rings == 1)
    }

    @Test func aReleasedReactorIsNotSignalled() throws {
        var reactor: Reactor? = try Reactor()
        let handle = try #require(reactor).handle
        reactor = nil
        #expect(!handle.ring(Doorbell()))
    }
}
