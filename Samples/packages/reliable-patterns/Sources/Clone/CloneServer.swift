public import ZMQReactor

/// The server of the Clustered Hashmap Protocol (RFC 12): a map of which any number of clients have a copy.
///
/// It numbers the changes that clients send, and publishes them in that order. With a journal, it goes on where it was
/// when it is killed.
public final class CloneServer {
    private let reactor: Reactor
    private let map: PublishedMap
    private let publisher: XPubSocket
    private let snapshots: RouterSocket
    private let collector: SubSocket
    /// The clients to which a snapshot is being sent.
    private var recipients: Set<Frame> = []

    /// Starts to listen. Messages wait until ``run()``.
    ///
    /// - Parameter journal: The path of a file for the changes; nil if the map may be lost.
    public init(at endpoints: CloneEndpoints, journal: String?, on reactor: Reactor, in context: Context) throws {
        self.reactor = reactor
        map = try PublishedMap(journal)
        publisher = try XPubSocket(on: reactor, in: context, handler: map)
        publisher.verbosity = .verbose
        var options = SocketOptions()
        // A client that does not read its snapshot is dropped.
        options.writeTimeout = .seconds(10)
        snapshots = try RouterSocket(on: reactor, in: context, options: options)
        // So that a snapshot waits for room, instead of being cut short.
        snapshots.isMandatory = true
        collector = try SubSocket(on: reactor, in: context)
        try collector.subscribe(to: "")
        try snapshots.bind(endpoints.snapshots)
        try publisher.bind(endpoints.changes)
        try collector.bind(endpoints.collector)
    }

    /// Serves until the task is cancelled or the context terminated, which is thrown, or the journal cannot be written.
    public func run() async throws {
        let heartbeats = reactor.task { [map, publisher] reactor in
            for await _ in reactor.ticks(every: .seconds(1)) { try map.publishHeartbeat(over: publisher) }
        }
        let sending = reactor.task { [self] _ in try await sendSnapshots() }
        defer {
            heartbeats.cancel()
            sending.cancel()
        }
        for try await message in collector.messages {
            guard let change = Change(message) else { continue }
            try map.apply(change, publishedOver: publisher)
        }
    }

    private func sendSnapshots() async throws {
        for try await message in snapshots.messages {
            guard let (envelope, body) = message.split(envelope: 1), let client = envelope.frame(0)?.copy(),
                let request = SnapshotRequest(body), recipients.insert(client).inserted
            else { continue }
            // Each in a task of its own: a slow client holds up no other.
            reactor.task { [self] _ in
                defer { recipients.remove(client) }
                try await sendSnapshot(of: request.subtree, to: client)
            }
        }
    }

    /// Throws when the client leaves.
    private func sendSnapshot(of subtree: String, to client: Frame) async throws {
        // The entries as they are now, whatever changes meanwhile.
        let (entries, sequence) = (map.current.entries, map.current.sequence)
        for (key, value) in entries where key.hasPrefix(subtree) {
            let command = ServerCommand.change(Change(key: key, sequence: sequence, value: value))
            try await snapshots.sendWhenReady(command.message, to: client)
        }
        try await snapshots.sendWhenReady(ServerCommand.snapshotEnd(sequence: sequence).message, to: client)
    }
}

/// The map, and what its publisher says of it.
private final class PublishedMap: XPubHandler {
    private(set) var current: ServerMap
    private let journal: Journal?

    init(_ path: String?) throws {
        // Higher than any number of an earlier map that has been lost, so that its clients notice.
        var map = ServerMap(sequence: UInt64(WallClockTime.now.seconds) * 1_000_000)
        journal = try path.map { try Journal($0) { map.restore($0) } }
        current = map
    }

    // The results of `send` do not matter: a subscriber whose queue is full misses a message. It sees that by the next
    // number, and asks for a snapshot.

    func apply(_ change: Change, publishedOver publisher: XPubSocket) throws {
        let change = current.apply(change)
        try journal?.append(change)
        _ = try publisher.send(change.message)
    }

    func publishHeartbeat(over publisher: XPubSocket) throws(ZMQError) {
        _ = try publisher.send(ServerCommand.heartbeat(sequence: current.sequence).message)
    }

    /// The client learns that its subscription is in force, and that it may ask for a snapshot.
    func socket(_ publisher: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) {
        do {
            _ = try publisher.send(ServerCommand.heartbeat(sequence: current.sequence).message, to: subscriber)
        } catch {
            // The socket is closed: the server ends.
        }
    }
}
