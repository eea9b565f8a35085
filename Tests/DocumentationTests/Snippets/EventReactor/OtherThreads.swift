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

    static func run(_ handle: ReactorHandle) async throws {
        let time = try await handle.run { reactor in reactor.now }
        _ = time
    }

    static func start() throws {
        let worker = try Reactor.start(named: "worker") { reactor in
            reactor.every(.seconds(1)) { _ in print("tick") }
        }
        worker.handle.submit { reactor in reactor.after(.seconds(5)) { _ in print("five seconds later") } }
        worker.stop()
        worker.join()
    }

    final class Counter {
        private(set) var ticks = 0

        init(on reactor: Reactor) {
            reactor.every(.seconds(1)) { [weak self] _ in self?.ticks += 1 }
        }
    }

    static func state() async throws {
        let counter = try Reactor.start(named: "counter", making: { reactor in Counter(on: reactor) })
        let count = try await counter.run { _, counter in counter.ticks }
        counter.stop()
        await counter.join()
        print(count)
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
