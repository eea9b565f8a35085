#if Logging
    import Foundation
    import Logging
    import Synchronization

    /// A log handler that keeps what it is called with, and can be held.
    struct RecordingLogger: LogHandler {
        struct Record: Sendable {
            let level: Logger.Level
            let message: String
            let metadata: Logger.Metadata
        }

        final class Records: Sendable {
            private let all = Mutex<[Record]>([])
            /// As long as it is locked, the handler blocks.
            let gate = NSLock()

            func add(_ record: Record) {
                gate.lock()
                defer { gate.unlock() }
                all.withLock { $0.append(record) }
            }

            var list: [Record] { all.withLock { $0 } }
            func named(_ message: String) -> [Record] { list.filter { $0.message == message } }
            func clear() { all.withLock { $0 = [] } }
        }

        let records: Records
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = event.metadata ?? [:]
            records.add(Record(level: event.level, message: "\(event.message)", metadata: metadata))
        }

        static func make(level: Logger.Level = .trace) -> (Logger, Records) {
            let records = Records()
            var logger = Logger(label: "test") { _ in RecordingLogger(records: records) }
            logger.logLevel = level
            return (logger, records)
        }
    }
#endif
