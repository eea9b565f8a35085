public import EventReactor
package import ZMQReactor

/// The network of a ``TestScene``: it connects `memory://name` endpoints by byte streams in memory, and breaks what a
/// test says.
///
/// The sockets of all reactors of the scene use it, with the whole protocol: handshake, heartbeats, reconnecting. Names
/// are those of the scene: tests that run at the same time do not meet.
public final class MemoryNetwork {
    /// What becomes of an attempt to connect.
    public enum Answer: Sendable, Equatable {
        /// It is connected, if something listens there, and refused otherwise.
        case accepted
        /// It is refused.
        case refused
        /// There is no answer: the attempt ends with `SocketOptions.connectTimeout`, unless ``answerAgain()`` is called
        /// before.
        case none
    }

    /// An attempt to connect.
    public struct Attempt {
        /// What is to be connected to: `memory://name`.
        public let endpoint: String
        /// The reactor of the socket that connects.
        public let reactor: Reactor
    }

    /// How long bytes take on connections made from now on, and an attempt to connect. Default zero.
    public var delay = Duration.zero

    /// How bytes are split on connections made from now on. Default ``MemoryDirection/Split/none``.
    public var split = MemoryDirection.Split.none

    /// The bytes that each direction of the connections made from now on holds, 1 or more. Default 64 KiB.
    public var capacity = 1 << 16

    /// Decides about each attempt to connect; `nil`, the default, accepts all.
    public var onConnect: ((Attempt) -> Answer)?

    /// The connections with an end that is not closed, in the order in which they were made.
    public internal(set) var connections: [MemoryConnection] = []

    /// The number of attempts to connect that have been made.
    public private(set) var attemptCount = 0

    /// Whether directions keep everything that is written to them.
    package var keepsRecords = false
    /// Called with each new connection.
    package var whenConnected: ((MemoryConnection) -> Void)?

    let reactor: Reactor
    private var listenings: [String: MemoryListening] = [:]
    private var pending: [Int: PendingAttempt] = [:]
    private var connectionCount = 0

    private struct PendingAttempt {
        let name: String
        let reactor: Reactor
        let completion: ((any ByteStreamSubstitute)?) -> Void
        var timer: ReactorTimer?
    }

    /// - Parameter reactor: has the timers of all connections.
    init(on reactor: Reactor) { self.reactor = reactor }

    /// Decides again about the attempts that have had no answer.
    public func answerAgain() {
        for number in pending.keys.sorted() where pending[number]?.timer == nil { decide(about: number) }
    }

    private func decide(about number: Int) {
        guard let attempt = pending[number] else { return }
        let endpoint = "memory://\(attempt.name)"
        let answer = onConnect?(Attempt(endpoint: endpoint, reactor: attempt.reactor)) ?? .accepted
        guard answer != .none else { return }
        pending[number]?.timer = attempt.reactor.after(delay) { [unowned self] _ in finish(number, answer) }
    }

    private func finish(_ number: Int, _ answer: Answer) {
        guard let attempt = pending.removeValue(forKey: number) else { return }
        guard answer == .accepted, let listening = listenings[attempt.name] else {
            return attempt.completion(nil)
        }
        let (near, accepted) = makeConnection(to: attempt.name, from: attempt.reactor, to: listening.reactor)
        listening.add(accepted)
        attempt.completion(near)
    }

    private func makeConnection(to name: String, from near: Reactor, to far: Reactor) -> (MemoryStream, MemoryStream) {
        connectionCount += 1
        let connection = MemoryConnection(to: name, from: near, to: far, in: self)
        let ends = connection.makeEnds(on: near, far, number: connectionCount)
        connections.append(connection)
        whenConnected?(connection)
        return ends
    }

    /// Connects a raw peer at once.
    func rawPeer(to name: String) throws(TestFailure) -> RawPeer {
        guard let listening = listenings[name] else {
            throw TestFailure("nothing listens at memory://\(name)")
        }
        let (near, accepted) = makeConnection(to: name, from: reactor, to: listening.reactor)
        listening.add(accepted)
        return RawPeer(near)
    }

    /// Ends everything: timers would keep the reactor busy.
    func close() {
        for connection in connections {
            connection.near?.close()
            connection.far?.close()
            connection.forward.close()
            connection.backward.close()
        }
        for number in pending.keys { cancel(attempt: number) }
        for listening in listenings.values { listening.close() }
        (connections, listenings) = ([], [:])
        onConnect = nil
        whenConnected = nil
    }

    /// Both ends of a connection that nothing listens for.
    package func makePair() -> (MemoryStream, MemoryStream) { makeConnection(to: "pair", from: reactor, to: reactor) }

    func forget(_ connection: MemoryConnection) { connections.removeAll { $0 === connection } }
}

extension MemoryNetwork: StreamNetwork {
    package func listen(
        at name: String,
        on reactor: Reactor,
        _ accept: @escaping (any ByteStreamSubstitute) -> Void
    ) -> Bool {
        guard listenings[name] == nil else { return false }
        listenings[name] = MemoryListening(on: reactor, accept)
        return true
    }

    package func stopListening(at name: String) { listenings.removeValue(forKey: name)?.close() }

    package func connect(
        to name: String,
        on reactor: Reactor,
        _ completion: @escaping ((any ByteStreamSubstitute)?) -> Void
    ) -> Int {
        attemptCount += 1
        pending[attemptCount] = PendingAttempt(name: name, reactor: reactor, completion: completion)
        decide(about: attemptCount)
        return attemptCount
    }

    package func cancel(attempt number: Int) { pending.removeValue(forKey: number)?.timer?.cancel() }
}

/// What listens at a name, and the connections that wait to be accepted.
private final class MemoryListening: NextTurnHandler {
    let reactor: Reactor
    private let accept: (any ByteStreamSubstitute) -> Void
    private var backlog: [MemoryStream] = []
    private var isClosed = false

    init(on reactor: Reactor, _ accept: @escaping (any ByteStreamSubstitute) -> Void) {
        (self.reactor, self.accept) = (reactor, accept)
    }

    func add(_ stream: MemoryStream) {
        backlog.append(stream)
        if backlog.count == 1 { reactor.inNextTurn(self) }
    }

    func reactorTurnGoesOn() {
        // The application may close the listener in any of these calls.
        while !isClosed, !backlog.isEmpty { accept(backlog.removeFirst()) }
    }

    func close() {
        isClosed = true
        for stream in backlog { stream.close() }
        backlog = []
    }
}
