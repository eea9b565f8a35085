import Testing

@testable import EventReactor

@Suite struct ReactorLifetimeTests {
    @Test func isReleasedWithEverythingOnIt() throws {
        var released = 0
        weak var weakReactor: Reactor?
        do {
            let reactor = try Reactor()
            weakReactor = reactor
            let pair = SocketPair()
            let probes = (0..<5).map { _ in Probe { released += 1 } }
            try reactor.watch(pair.a, for: .writable) { [probe = probes[0]] _, _ in withExtendedLifetime(probe) {} }
            reactor.after(.seconds(60)) { [probe = probes[1]] _ in withExtendedLifetime(probe) {} }
            reactor.every(.seconds(60)) { [probe = probes[2]] _ in withExtendedLifetime(probe) {} }
            reactor.onIdle { [probe = probes[3]] _ in withExtendedLifetime(probe) {} }
            reactor.onWallClock(every: .seconds(1)) { [probe = probes[4]] _ in withExtendedLifetime(probe) {} }
            turns(3, of: reactor)
            #expect(released == 0)
        }
        #expect(weakReactor == nil)
        #expect(released == 5)
    }

    @Test("work that a turn has left, and that is over, does not keep the reactor", arguments: [true, false])
    func endedWork(isOver: Bool) throws {
        /// Moves a turn's share, so that the others have no turn.
        final class Rest: NextTurnHandler {
            unowned let reactor: Reactor
            init(_ reactor: Reactor) { self.reactor = reactor }
            func reactorTurnGoesOn() { reactor.didMove(TurnLoad.share) }
        }
        final class Work: NextTurnHandler {
            let reactor: Reactor
            let isOver: Bool
            init(_ reactor: Reactor, isOver: Bool) { (self.reactor, self.isOver) = (reactor, isOver) }
            func reactorTurnGoesOn() {}
        }
        weak var weakReactor: Reactor?
        do {
            let reactor = try Reactor()
            weakReactor = reactor
            reactor.inNextTurn(Rest(reactor))
            reactor.inNextTurn(Work(reactor, isOver: isOver))
            reactor.run(.nowait)
        }
        #expect((weakReactor == nil) == isOver)
        // What is not over has its turn later.
        weakReactor?.run(.nowait)
        #expect(weakReactor == nil)
    }

    /// Objects that cancel watchers of each other in their deinit, all at once.
    @Test func handlersThatCancelInDeinitOfTheReactor() throws {
        final class Owner {
            var watchers: [() -> Void] = []
            private let released: () -> Void
            init(_ released: @escaping () -> Void) { self.released = released }
            deinit {
                watchers.forEach { $0() }
                released()
            }
        }
        let pair = SocketPair()
        var released = 0
        weak var weakReactor: Reactor?
        do {
            let reactor = try Reactor()
            weakReactor = reactor
            let owners = (0..<2).map { _ in Owner { released += 1 } }
            for owner in owners {
                let descriptor = try reactor.watch(pair.a, for: .writable) { _, _ in withExtendedLifetime(owner) {} }
                let timer = reactor.after(.seconds(60)) { _ in withExtendedLifetime(owner) {} }
                let idle = reactor.onIdle { _ in withExtendedLifetime(owner) {} }
                let wall = reactor.onWallClock(every: .seconds(60)) { _ in withExtendedLifetime(owner) {} }
                for other in owners {
                    other.watchers += [
                        { descriptor.cancel() }, { timer.cancel() }, { idle.cancel() }, { wall.cancel() },
                    ]
                }
            }
            #expect(released == 0)
        }
        #expect(weakReactor == nil)
        #expect(released == 2)
    }
}
