import ZMQReactor

/// What a client asks for, in frames of text: `latest SENSOR`, or `summary SENSOR MILLISECONDS-SINCE-1970`.
enum Query: Equatable {
    case latest(sensor: String)
    case summary(sensor: String, since: Int64)

    /// Nil if the message is none of these.
    init?(_ message: Message) {
        guard let name = message.frame(0), let sensor = message.frame(1)?.string else { return nil }
        switch (name.string, message.count) {
        case ("latest", 2): self = .latest(sensor: sensor)
        case ("summary", 3):
            guard let since = message.frame(2).flatMap({ Int64($0.string) }) else { return nil }
            self = .summary(sensor: sensor, since: since)
        default: return nil
        }
    }

    /// `ok` with the result, `none` when there are no such readings, `error` with a sentence.
    func answer(from store: any ReadingStore) async throws -> Message {
        switch self {
        case .latest(let sensor):
            guard let reading = try await store.latest(of: sensor) else { return "none" }
            return "ok" + reading.message
        case .summary(let sensor, let since):
            guard let summary = try await store.summary(of: sensor, since: since) else { return "none" }
            return Message(texts: [
                "ok", "\(summary.count)", "\(summary.minimum)", "\(summary.average)", "\(summary.maximum)",
            ])
        }
    }
}
