import EventReactor

extension Socket {
    /// What happens to the socket's connections from now on, beside ``onEvent``.
    ///
    /// ```swift
    /// let events = socket.events
    /// try socket.connect(endpoint)
    /// for await event in events { print(event) }
    /// ```
    ///
    /// Each call makes a sequence of its own, which has all that happens after the call: up to 1024 events wait in it. When the
    /// loop is slower than that, the oldest are thrown away and counted in ``SocketEvents/missed``; the socket never waits for
    /// who looks at it. The sequence ends when the socket is closed and all has been seen, or the task is cancelled. For tasks
    /// that live on the socket's reactor.
    public var events: SocketEvents {
        let buffer = EventBuffer(of: self)
        guard state != .closed else { return SocketEvents(buffer: buffer) }
        observer.add(buffer)
        return SocketEvents(buffer: buffer)
    }
}

/// What happens to the connections of a socket, see ``Socket/events``. Several loops over one sequence share its events.
public struct SocketEvents: AsyncSequence {
    public typealias Element = SocketEvent
    public typealias Failure = Never

    let buffer: EventBuffer

    /// How many events were thrown away because nobody took them in time.
    public var missed: Int { buffer.missed }

    public func makeAsyncIterator() -> Iterator { Iterator(buffer: buffer) }

    /// Takes events one by one.
    public struct Iterator: AsyncIteratorProtocol {
        let buffer: EventBuffer

        public mutating func next(isolation actor: isolated (any Actor)?) async -> SocketEvent? { await buffer.next() }
        public mutating func next() async -> SocketEvent? { await buffer.next() }
    }
}

@available(*, unavailable, message: "events belong to the thread of their socket")
extension SocketEvents: Sendable {}

/// Events that wait to be looked at, the newest 1024.
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

    /// All look: there may be events for several of them.
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
