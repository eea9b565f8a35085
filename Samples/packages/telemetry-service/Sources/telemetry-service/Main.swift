// Store readings of sensors in SQLite, publish them, and answer queries: a whole service.

import Configuration
import Foundation
import Logging
import ServiceLifecycle
import Telemetry

/// Settings are arguments (`--database-path readings.sqlite`) or environment variables (`DATABASE_PATH`); the README lists
/// them.
@main
enum Main {
    static func main() async {
        var logger = Logger(label: "telemetry")
        do {
            let config = ConfigReader(providers: [CommandLineArgumentsProvider(), EnvironmentVariablesProvider()])
            logger.logLevel = try config.level(forKey: "log.level", default: .info)
            try await serve(config, logger)
        } catch {
            logger.critical("the service ends", metadata: ["error": "\(error)"])
            exit(1)
        }
    }

    private static func serve(_ config: ConfigReader, _ logger: Logger) async throws {
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

extension ConfigReader {
    /// A level, or the default if there is none. Throws for a value that is no level.
    fileprivate func level(forKey key: ConfigKey, default level: Logger.Level) throws -> Logger.Level {
        string(forKey: key) == nil ? level : try requiredString(forKey: key, as: Logger.Level.self)
    }
}
