import Logging
import ServiceLifecycle
import Telemetry
import ZMQReactor

/// The server on a reactor of its own, as a service.
struct TelemetryService: Service, CustomStringConvertible {
    let endpoints: TelemetryServer.Endpoints
    let store: SQLiteStore
    let logger: Logger

    var description: String { "telemetry" }

    /// Serves until a graceful shutdown. What has arrived by then is stored, and published to the subscribers.
    func run() async throws {
        let context = Context()
        let thread = try Reactor.start(named: "telemetry") { [endpoints, store, logger] reactor in
            try TelemetryServer(at: endpoints, store: store, logger: logger, on: reactor, in: context)
        }
        logger.info(
            "serving",
            metadata: [
                "readings": "\(endpoints.readings)", "updates": "\(endpoints.updates)",
                "queries": "\(endpoints.queries)",
            ]
        )
        let serving = try await thread.run { reactor, server in reactor.task { _ in try await server.run() } }
        let result = await withGracefulShutdownHandler {
            await serving.result
        } onGracefulShutdown: {
            Task { try await thread.run { _, server in server.finish() } }
        }
        // The sockets send what is queued, and close. A thread that is stopped first would close them at once.
        let report = await context.terminate()
        thread.stop()
        await thread.join()
        logger.info("ended", metadata: ["unsent": "\(report.unsentMessages)"])
        try result.get()
    }
}
