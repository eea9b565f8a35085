// Store readings of sensors in SQLite, publish them, and answer queries: a whole service.

import Configuration
import Logging
import ServiceLifecycle
import Telemetry

/// Settings are arguments (`--database-path readings.sqlite`) or environment variables (`DATABASE_PATH`); the README lists
/// them.
@main
enum Main {
    static func main() async throws {
        let config = ConfigReader(providers: [CommandLineArgumentsProvider(), EnvironmentVariablesProvider()])
        var logger = Logger(label: "telemetry")
        logger.logLevel = config.string(forKey: "log.level", as: Logger.Level.self, default: .info)

        var endpoints = TelemetryServer.Endpoints()
        endpoints.readings = config.string(forKey: "readings.endpoint", default: endpoints.readings)
        endpoints.updates = config.string(forKey: "updates.endpoint", default: endpoints.updates)
        endpoints.queries = config.string(forKey: "queries.endpoint", default: endpoints.queries)
        let store = try SQLiteStore(path: config.string(forKey: "database.path", default: "telemetry.sqlite"))

        let group = ServiceGroup(
            services: [TelemetryService(endpoints: endpoints, store: store, logger: logger)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        try await group.run()
    }
}
