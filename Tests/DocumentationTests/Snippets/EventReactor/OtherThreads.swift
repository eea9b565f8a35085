import EventReactor
import Foundation

/// What Sources/EventReactor/Documentation.docc/OtherThreads.md shows.
enum OtherThreadsPage {
    static func submit(_ reactor: Reactor) {
        let handle = reactor.handle
        Thread.detachNewThread {
            let answer = (1...1_000_000).reduce(0, +)
            handle.submit { _ in print("on the reactor's thread again:", answer) }
        }
    }

    static func start() throws {
        let worker = try Reactor.start(named: "worker") { reactor in
            reactor.every(.seconds(1)) { _ in print("tick") }
        }
        worker.handle.submit { reactor in reactor.after(.seconds(5)) { _ in print("five seconds later") } }
        worker.stop()
        worker.join()
    }

    static func task(_ reactor: Reactor) {
        reactor.task { reactor in
            for await tick in reactor.ticks(every: .seconds(1)) {
                print("tick", tick)
                if tick == 10 { break }
            }
            try await reactor.sleep(for: .milliseconds(500))
            reactor.stop()
        }
    }
}
