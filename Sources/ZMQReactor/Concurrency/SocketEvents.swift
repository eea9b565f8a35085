import EventReactor

extension Socket {
    /// Events of the socket's connections from now on, in addition to ``onEvent``.
    ///
    /// ```swift
    /// let events = socket.events
    /// try socket.connect(endpoint)
    /// for await event in events { print(event) }
    /// ```
    ///
    /// Each call makes its own sequence, which contains all events after the call; up to 1024 of them are buffered.
    /// When the loop is slower than that, the oldest are dropped and counted in ``SocketEvents/missed``; the socket
    /// never waits for the loop. The sequence ends when the socket is closed and all events have been taken, or when
    /// the task is cancelled. For tasks that live on the socket's reactor.
    public var events: SocketEvents {
        let buffer = EventBuffer(of: self)
        guard state != .closed else { return SocketEvents(buffer: buffer) }
        observer.add(buffer)
        return SocketEvents(buffer: buffer)
    }
}

/// Events of a socket's connections; see ``Socket/events``. Several loops over one sequence share its events.
public struct SocketEvents: AsyncSequence {
    public typealias Element = SocketEvent
    public typealias Failure = Never

    let buffer: EventBuffer

    /// The number of events dropped because they were not taken in time.
    public var missed: Int { buffer.missed }

    public func makeAsyncIterator() -> Iterator { Iterator(buffer: buffer) }

    /// Takes events one at a time.
    public struct Iterator: AsyncIteratorProtocol {
        let buffer: EventBuffer

        public mutating func next(isolation actor: isolated (any Actor)?) async -> SocketEvent? { await buffer.next() }
        public mutating func next() async -> SocketEvent? { await buffer.next() }
    }
}

@available(*, unavailable, message: "events belong to the thread of their socket")
extension SocketEvents: Sendable {}

/// Buffered events, the newest 1024.
final class EventBuffer: SocketEventReceiver {
    static let limit = 1024

    private let reactor: Reactor
    private var events = RingBuffer<SocketEvent>()
    private var hasEnded: Bool
    private var waiting: [Suspension<Bool>] = []
    private(set) var missed = 0

    init(of socket: Socket) {
        reactor = socket.reactor
        hasEnded = socket.state == .closed
    }

    func take(_ event: SocketEvent) {
        if events.count == Self.limit {
            _ = events.popFirst()
            missed += 1
        }
        events.append(event)
        wake()
    }

    func eventsEnd() {
        hasEnded = true
        wake()
    }

    /// Wakes all loops: there may be events for several of them.
    private func wake() {
        for suspension in waiting { suspension.end(true) }
        waiting = []
    }

    nonisolated(nonsending) func next() async -> SocketEvent? {
        while !Task.isCancelled {
            if let event = events.popFirst() { return event }
            if hasEnded { return nil }
            let suspension = Suspension<Bool>()
            waiting.append(suspension)
            _ = await suspension.wait(on: reactor, whenCancelled: false)
            waiting.removeAll { $0 === suspension }
        }
        return nil
    }
}
