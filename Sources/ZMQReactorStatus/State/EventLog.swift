import EventReactor
import ZMQReactor

/// The latest events of all sockets of a context, on whatever threads they are.
final class EventLog: ContextEventReceiver {
    /// The most events.
    static let limit = 200

    struct Entry: Sendable, Equatable {
        /// Grows from one event to the next.
        var number: Int
        /// The time of the latest one.
        var time: WallClockTime
        /// How often it has happened in a row.
        var count = 1
        let source: EventSource
        let event: SocketEvent
    }

    private struct State {
        var entries: [Entry] = []
        var last = 0
    }
    private let state = Locked(State())
    /// The number of the socket whose events are left out.
    private let hidden: Int

    init(without hidden: Int) { self.hidden = hidden }

    /// The events, the newest first.
    var entries: [Entry] { state.withLock { $0.entries.reversed() } }

    func take(_ event: SocketEvent, of source: EventSource) {
        guard source.number != hidden else { return }
        // Each follows a pause that was reported.
        if case .connectRetried = event { return }
        state.withLock { state in
            state.last += 1
            // An endpoint that cannot be reached repeats itself.
            if let last = state.entries.last, last.source == source, last.event.isRepeated(by: event) {
                state.entries[state.entries.count - 1].count += 1
                state.entries[state.entries.count - 1].time = .now
                state.entries[state.entries.count - 1].number = state.last
                return
            }
            if state.entries.count == Self.limit { state.entries.removeFirst() }
            state.entries.append(Entry(number: state.last, time: .now, source: source, event: event))
        }
    }
}

extension SocketEvent {
    /// Whether the other event says the same, apart from the length of a pause.
    fileprivate func isRepeated(by other: SocketEvent) -> Bool {
        name == other.name && endpoint == other.endpoint && peer == other.peer && reason == other.reason
    }
}
