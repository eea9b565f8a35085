// Store readings of sensors in SQLite, publish them, and answer queries: a whole service.

import Configuration
import Foundation
import Logging
import ServiceLifecycle
import Telemetry
import ZMQReactor
import ZMQReactorConfiguration
import ZMQReactorLogging
import ZMQReactorMetrics
import ZMQReactorServiceLifecycle
import ZMQReactorStatus

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
        let settings = try TelemetryServer.Settings(config: config)
        let statusEndpoint = config.string(forKey: "status.endpoint", default: "tcp://127.0.0.1:8090")
        let store = try SQLiteStore(path: config.string(forKey: "database.path", default: "telemetry.sqlite"))
        let context = try Context(config: config.scoped(to: "context"))
        try context.log(to: logger)
        let metrics = try MetricsPublisher()
        metrics.publish(context)
        let thread = try Reactor.start(named: "telemetry") { reactor in
            metrics.publish(reactor, named: "telemetry")
            let server = try TelemetryServer(settings, store: store, logger: logger, on: reactor, in: context)
            if statusEndpoint != "none" {
                let page = try StatusPage(on: reactor, in: context, at: statusEndpoint)
                logger.info("status page", metadata: ["url": "\(page.url)"])
            }
            return server
        }
        let serving = try await thread.run { reactor, server in reactor.task { _ in try await server.run() } }
        // At a shutdown the sockets stop listening, all readings that have arrived are stored and published, the sockets
        // send what is queued, and the thread ends.
        let sockets = ContextService(context) {
            try await thread.run { _, server in server.finish() }
            try await serving.value
        }
        let group = ServiceGroup(
            services: [thread, sockets],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        try await group.run()
        logger.info("ended")
    }
}

extension TelemetryServer.Settings {
    /// The keys `readings`, `updates` and `queries`, each with `bind` and the options of the socket.
    fileprivate init(config: ConfigReader) throws {
        self.init()
        for (name, socket) in [("readings", \Self.readings), ("updates", \.updates), ("queries", \.queries)] {
            let configured = try SocketConfiguration(
                config: config.scoped(to: ConfigKey(name)),
                options: self[keyPath: socket].options
            )
            self[keyPath: socket].options = configured.options
            if !configured.bind.isEmpty { self[keyPath: socket].endpoints = configured.bind }
        }
    }
}

extension ConfigReader {
    /// A level, or the default if there is none. Throws for a value that is no level.
    fileprivate func level(forKey key: ConfigKey, default level: Logger.Level) throws -> Logger.Level {
        string(forKey: key) == nil ? level : try requiredString(forKey: key, as: Logger.Level.self)
    }
}
