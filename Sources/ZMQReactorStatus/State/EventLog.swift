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

    /// A ring: when it is full, the newest event takes the place of the oldest.
    private struct State {
        var entries: [Entry] = []
        /// The place of the newest one.
        var newest = -1
        var last = 0

        mutating func add(_ entry: Entry) {
            newest = (newest + 1) % EventLog.limit
            if newest == entries.count { entries.append(entry) } else { entries[newest] = entry }
        }
    }
    private let state = Locked(State())
    /// The number of the socket whose events are left out.
    private let hidden: Int

    init(without hidden: Int) { self.hidden = hidden }

    /// The events, the newest first.
    var entries: [Entry] {
        let (entries, newest) = state.withLock { ($0.entries, $0.newest) }
        return entries[...newest].reversed() + entries[(newest + 1)...].reversed()
    }

    func take(_ event: SocketEvent, of source: EventSource) {
        guard source.number != hidden else { return }
        // Each follows a pause that was reported.
        if case .connectRetried = event { return }
        state.withLock { state in
            state.last += 1
            // An endpoint that cannot be reached repeats itself.
            let newest = state.newest
            if newest >= 0, state.entries[newest].source == source, state.entries[newest].event.isRepeated(by: event) {
                state.entries[newest].count += 1
                state.entries[newest].time = .now
                state.entries[newest].number = state.last
                return
            }
            state.add(Entry(number: state.last, time: .now, source: source, event: event))
        }
    }
}

extension SocketEvent {
    /// Whether the other event says the same, apart from the length of a pause.
    fileprivate func isRepeated(by other: SocketEvent) -> Bool {
        name == other.name && endpoint == other.endpoint && peer == other.peer && reason == other.reason
    }
}
