// Square numbers, as a worker of a Majordomo broker for the service "square".
//
// majordomo-worker [ENDPOINT] [HEARTBEAT MILLISECONDS]

import Majordomo
import ZMQReactor

@main
enum MajordomoWorker {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        var heartbeats = HeartbeatSettings()
        if let milliseconds = arguments.dropFirst().first.flatMap({ Int($0) }) {
            heartbeats.interval = .milliseconds(milliseconds)
        }
        let reactor = try Reactor()
        let context = Context()
        let worker = Worker(
            for: "square",
            at: arguments.first ?? "tcp://localhost:5555",
            on: reactor,
            in: context,
            heartbeats: heartbeats
        ) { [unowned reactor] request, _ in
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
