public import Logging
import Metrics
public import ZMQReactor

/// Stores the readings that arrive, publishes them once they are stored, and answers queries about them.
///
/// Readings are taken in batches, and the next batch when the last one is stored: while the database is slow, readings
/// wait in the socket, and then at the sensors. Nothing is dropped.
public final class TelemetryServer {
    /// Where the server listens, and the options of its sockets.
    public struct Settings: Sendable {
        public struct Socket: Sendable {
            public var endpoints: [String]
            public var options = SocketOptions()
        }

        /// Where sensors push readings.
        public var readings = Socket(endpoints: ["tcp://*:5560"])
        /// Where stored readings are published, each under its sensor.
        public var updates = Socket(endpoints: ["tcp://*:5561"])
        /// Where clients ask.
        public var queries = Socket(endpoints: ["tcp://*:5562"])

        public init() {
            // A reading has some dozen bytes, and a query as well.
            readings.options.maxMessageSize = 4_096
            queries.options.maxMessageSize = 4_096
        }
    }

    private let store: any ReadingStore
    private let logger: Logger
    private let reactor: Reactor
    private let readings: PullSocket
    private let updates: PubSocket
    private let queries: RouterSocket
    private var receiving: Task<[Message], any Error>?
    private var isFinishing = false

    private let stored = Counter(label: "telemetry.readings.stored")
    private let malformed = Counter(label: "telemetry.readings.malformed")
    private let failures = Counter(label: "telemetry.store.failures")

    /// Less than the high-water mark of a subscriber, which would miss the rest of a larger one.
    static let batchSize = 500

    /// Starts to listen. Messages wait until ``run()``.
    public init(
        _ settings: Settings,
        store: any ReadingStore,
        logger: Logger,
        on reactor: Reactor,
        in context: Context
    ) throws(ZMQError) {
        self.store = store
        self.logger = logger
        self.reactor = reactor
        readings = try PullSocket(on: reactor, in: context, options: settings.readings.options)
        updates = try PubSocket(on: reactor, in: context, options: settings.updates.options)
        queries = try RouterSocket(on: reactor, in: context, options: settings.queries.options)
        for endpoint in settings.updates.endpoints { try updates.bind(endpoint) }
        for endpoint in settings.queries.endpoints { try queries.bind(endpoint) }
        for endpoint in settings.readings.endpoints { try readings.bind(endpoint) }
    }

    /// Serves until ``finish()``, when all readings that have arrived are stored, or until the context is terminated,
    /// which is thrown.
    public func run() async throws {
        let answering = reactor.task { [self] _ in try await answerQueries() }
        defer { answering.cancel() }
        while let batch = try await nextBatch() {
            let readings = batch.compactMap { Reading($0) }
            malformed.increment(by: batch.count - readings.count)
            guard !readings.isEmpty else { continue }
            try await add(readings)
            stored.increment(by: readings.count)
            for reading in readings { try updates.send(reading.message) }
        }
    }

    /// Ends ``run()``, when all readings that have arrived until now are stored.
    public func finish() {
        isFinishing = true
        receiving?.cancel()
    }

    // MARK: Readings

    /// Nil when there is no more to do.
    private func nextBatch() async throws -> [Message]? {
        if isFinishing {
            var batch: [Message] = []
            while batch.count < Self.batchSize, let message = try readings.tryReceive() { batch.append(message) }
            return batch.isEmpty ? nil : batch
        }
        let receiving = reactor.task { [readings] _ in try await readings.receive(upTo: Self.batchSize) }
        self.receiving = receiving
        defer { self.receiving = nil }
        do {
            return try await receiving.value
        } catch let error as ZMQError where error.code == .cancelled && isFinishing {
            // A cancelled call takes no message: what has arrived is still there.
            return try await nextBatch()
        }
    }

    /// Tries until the store accepts them: readings wait meanwhile, and are not lost when a disk is full.
    private func add(_ readings: [Reading]) async throws {
        while true {
            do {
                return try await store.add(readings)
            } catch  where !isFinishing {
                failures.increment()
                logger.error("cannot store \(readings.count) readings", metadata: ["error": "\(error)"])
                try await reactor.sleep(for: .seconds(1))
            }
        }
    }

    // MARK: Queries

    private func answerQueries() async throws {
        for try await message in queries.messages {
            // The routing id and an empty frame, as a REQ sends them.
            guard let (envelope, body) = message.splitAtDelimiter() else {
                logger.debug("a query without an envelope")
                continue
            }
            let answer = await answer(to: body)
            // Without `isMandatory`, an answer for a client that is gone is dropped and counted.
            _ = try queries.send(envelope + answer)
        }
    }

    private func answer(to body: Message) async -> Message {
        guard let query = Query(body) else { return ["error", "ask: latest SENSOR, or: summary SENSOR SINCE"] }
        do {
            return try await query.answer(from: store)
        } catch {
            logger.error("cannot answer a query", metadata: ["error": "\(error)"])
            return ["error", "the readings cannot be read"]
        }
    }
}
