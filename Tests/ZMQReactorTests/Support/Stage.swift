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
