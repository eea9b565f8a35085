public import ZMQReactor

/// A client of the Clustered Hashmap Protocol (RFC 12): it has a copy of the server's map, and can change the map.
public final class CloneClient {
    /// The copy.
    public var entries: [String: [UInt8]] { replica.entries }

    /// The number of the last change that the copy contains.
    public var sequence: UInt64 { replica.sequence }

    /// Whether the copy is equal to the server's map, but for changes that are on their way.
    public var isCurrent: Bool { replica.isCurrent }

    /// How many changes of this client the server has not published yet.
    public var pendingCount: Int { pending.count }

    /// Called when ``entries``, ``isCurrent`` or ``pendingCount`` have changed.
    public var onUpdate: () -> Void = {}

    private let endpoints: CloneEndpoints
    private let reactor: Reactor
    private let context: Context
    private let timeout: Duration
    private let subscriber: SubSocket
    private let publisher: PubSocket
    private var replica = Replica()
    private var fetching: Task<Void, any Error>?
    /// Changes by this client that the server has not published, in order, at most one for each key.
    private var pending: [Change] = []

    /// Starts to connect. Nothing is received until ``run()``.
    ///
    /// - Parameter timeout: After how long a snapshot is asked for again, and a change sent again.
    public init(
        of endpoints: CloneEndpoints,
        timeout: Duration = .seconds(2),
        on reactor: Reactor,
        in context: Context
    ) throws(ZMQError) {
        self.endpoints = endpoints
        self.timeout = timeout
        self.reactor = reactor
        self.context = context
        subscriber = try SubSocket(on: reactor, in: context)
        try subscriber.subscribe(to: "")
        try subscriber.connect(endpoints.changes)
        publisher = try PubSocket(on: reactor, in: context)
        try publisher.connect(endpoints.collector)
    }

    /// Keeps the copy up to date, until the task is cancelled or the context terminated, which is thrown.
    public func run() async throws {
        let resending = reactor.every(timeout) { [weak self] _ in self?.sendPending() }
        let subscribing = reactor.task { [weak self, publisher] _ in
            // What is published before the server has subscribed is dropped. After that, send what was set early.
            try await publisher.waitForSubscribers()
            self?.sendPending()
        }
        defer {
            resending.cancel()
            subscribing.cancel()
            fetching?.cancel()
        }
        for try await message in subscriber.messages {
            guard let command = ServerCommand(message) else { continue }
            applied(replica.receive(command))
            fetchSnapshotIfNeeded()
        }
    }

    /// Sets a value, or deletes it if it is empty.
    ///
    /// The change is sent again until the server has published it, and the copy has the value then. Of several changes
    /// of one key in a row, only the last one is sent again.
    public func set(_ key: String, to value: [UInt8]) {
        let change = Change(key: key, id: ChangeID(), value: value)
        pending.removeAll { $0.key == key }
        pending.append(change)
        send(change)
        onUpdate()
    }

    private func sendPending() { for change in pending { send(change) } }

    private func send(_ change: Change) {
        do {
            // Accepted also when it is dropped, because there is no server: it is pending, and sent again.
            try publisher.send(change.message)
        } catch {
            // The socket is closed: the client ends.
        }
    }

    private func applied(_ changes: [Change]) {
        for change in changes { pending.removeAll { $0.id == change.id } }
        onUpdate()
    }

    // MARK: Snapshots

    private func fetchSnapshotIfNeeded() {
        guard replica.needsSnapshot, fetching == nil else { return }
        fetching = reactor.task { [weak self] _ in
            while let self, replica.needsSnapshot {
                do {
                    try await fetchSnapshot()
                } catch let error as ZMQError where error.code == .timedOut {
                    // The server is lost, or was restarted. Ask again.
                }
            }
            self?.fetching = nil
        }
    }

    /// Each over a socket of its own, so that the rest of a snapshot that came to nothing is not taken for the next one.
    private func fetchSnapshot() async throws {
        var options = SocketOptions()
        options.linger = .none
        let socket = try DealerSocket(on: reactor, in: context, options: options)
        defer { socket.close() }
        try socket.connect(endpoints.snapshots)
        try await socket.sendWhenReady(SnapshotRequest().message)
        var entries: [String: [UInt8]] = [:]
        while true {
            switch ServerCommand(try await socket.receive(within: timeout)) {
            case .change(let change): entries[change.key] = change.value
            case .snapshotEnd(let sequence): return applied(replica.install(entries, sequence: sequence))
            default: break
            }
        }
    }
}
