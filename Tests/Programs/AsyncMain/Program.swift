import EventReactor
import Glibc

/// A reactor in an asynchronous `main`: `before` its first suspension on the main thread, `after` it on another one.
@main
struct Program {
    static func main() async throws {
        let mode = CommandLine.arguments.dropFirst().first
        let mainThread = pthread_self()
        // An await need not suspend.
        while mode != "before", pthread_self() == mainThread { await Task.detached {}.value }
        let reactor = try Reactor()
        if mode == "nonisolated" { stop(reactor) } else { reactor.task { $0.stop() } }
        reactor.run()
        print("reactor has ended")
        await Task.detached {}.value
        print("end")
    }

    nonisolated private static func stop(_ reactor: Reactor) { reactor.task { $0.stop() } }
}
