import EventReactor

/// What Sources/EventReactor/Documentation.docc/Isolation.md shows.
@MainActor
private enum SynchronousMain {
    static func main() throws {
        let reactor = try Reactor()
        reactor.task { reactor in
            try await reactor.sleep(for: .seconds(1))
            print("a second later, on the main actor")
            reactor.stop()
        }
        reactor.run()
    }
}

private enum AsynchronousMain {
    static func main() async throws {
        let settings = await loadSettings()
        let server = try Reactor.start(named: "server") { reactor in
            try serve(on: reactor, settings)
        }
        await server.join()
    }

    static func loadSettings() async -> [String] { [] }
    static func serve(on reactor: Reactor, _ settings: [String]) throws {}
}

actor Heartbeat {
    private let handle: ReactorHandle
    private(set) var beats = 0

    init(on handle: ReactorHandle) { self.handle = handle }

    nonisolated var unownedExecutor: UnownedSerialExecutor { handle.asUnownedSerialExecutor() }

    func start() {
        handle.assumeReactor().every(.seconds(1)) { _ in self.beats += 1 }
    }
}

private func calling(_ reactor: Reactor) {
    reactor.task { reactor in
        let heartbeat = Heartbeat(on: reactor.handle)
        await heartbeat.start()
        try await reactor.sleep(for: .seconds(10))
        print(await heartbeat.beats)
    }
}

final class Cache {
    private var entries: [String: String] = [:]

    init(on reactor: Reactor) {
        reactor.every(.seconds(60)) { [weak self] timer in
            guard let self else { return timer.cancel() }
            entries = [:]
        }
    }
}
