import Glibc
import Testing
import ZMQReactor

/// The same tests run with connections on the sockets' own reactors and, with this in the environment, on this many I/O
/// threads.
let ioThreadsOfTests = getenv("ZMQ_REACTOR_TEST_IO_THREADS").flatMap { Int(String(cString: $0)) } ?? 0

extension Context {
    /// A context with the setting of this run.
    static func ofTests() -> Context { Context(ioThreads: ioThreadsOfTests) }
}

extension Trait where Self == ConditionTrait {
    /// For a test that inspects queues while nothing may move: with I/O threads, messages are sent between two lines of
    /// it.
    static var nothingMovesByItself: Self {
        .enabled(if: ioThreadsOfTests == 0, "connections live on I/O threads, which do not wait for this one")
    }
}
