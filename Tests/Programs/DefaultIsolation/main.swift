import EventReactor

// Everything in this target is isolated to the main actor, top-level code as well.

final class Service {
    private var ticks = 0

    func start(on reactor: Reactor) {
        reactor.task { reactor in
            for await _ in reactor.ticks(every: .milliseconds(1)) {
                self.ticks += 1
                if self.ticks == 3 { break }
            }
            print("service")
            reactor.stop()
        }
    }
}

let reactor = try Reactor()
reactor.task { reactor in
    try await reactor.sleep(for: .milliseconds(1))
    print("top level")
    Service().start(on: reactor)
}
reactor.run()

// A thread that does not serve the main actor: what it is given is not isolated to it.
let worker = try Reactor.start { reactor in
    reactor.task { reactor in reactor.stop() }
}
worker.join()
print("end")
