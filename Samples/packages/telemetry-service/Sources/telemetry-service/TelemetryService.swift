import ServiceLifecycle
import Telemetry
import ZMQReactor

/// The server as a service: it ends when all readings that have arrived are stored and published.
struct TelemetryService: Service, CustomStringConvertible {
    let thread: StatefulReactorThread<TelemetryServer>

    var description: String { "telemetry" }

    func run() async throws {
        let serving = try await thread.run { reactor, server in reactor.task { _ in try await server.run() } }
        try await withGracefulShutdownHandler {
            await serving.result
        } onGracefulShutdown: {
            Task { try await thread.run { _, server in server.finish() } }
        }.get()
    }
}
