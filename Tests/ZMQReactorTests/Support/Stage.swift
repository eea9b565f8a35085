import EventReactor

@testable import ZMQReactor

/// The reactor and the context of one test, for suites that have one for each; everything the test leaves open is
/// closed with it.
final class Stage {
    let reactor: Reactor
    let context: Context

    init(_ context: Context) throws {
        self.context = context
        reactor = try Reactor()
    }

    deinit { reactor.closeSockets() }
}

extension Reactor {
    /// Closes everything open on it, without linger: a reactor and an open socket keep each other in memory.
    func closeSockets() {
        ContextMembers.of(self).reactorThreadEnds()
        ReactorSessions.of(self).reactorThreadEnds()
        run(.nowait)
    }
}
