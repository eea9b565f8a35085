// Squares numbers, as a worker of a Majordomo broker for the service "square".

import ArgumentParser
import Majordomo
import ZMQReactor

@main
struct MajordomoWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "majordomo-worker",
        abstract: "Square numbers, as a worker of a Majordomo broker."
    )

    @Option(help: "The broker.")
    var connect = "tcp://localhost:5555"

    @Option(help: "The time between two heartbeats, in milliseconds, which the broker must agree with.")
    var heartbeat = 2_500

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        var heartbeats = HeartbeatSettings()
        heartbeats.interval = .milliseconds(heartbeat)
        let worker = Worker(for: "square", at: connect, on: reactor, in: context, heartbeats: heartbeats) {
            [unowned reactor] request, _ in
            // Work takes time, and other events are handled meanwhile.
            try await reactor.sleep(for: .milliseconds(1))
            return Message(request.frame(0)?.decimal.map { "\($0) \($0 &* $0)" } ?? "not a number")
        }
        let work = reactor.task { _ in try await worker.run() }
        try reactor.onTermination { _ in
            // The broker sees the connection end, and gives the request to another worker.
            work.cancel()
            context.terminate(thenStop: reactor)
        }
        reactor.run()
    }
}
