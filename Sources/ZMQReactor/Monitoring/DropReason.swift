/// Why a message was dropped: the keys of ``SocketStatistics/dropped``.
///
/// New reasons may be added, so a `switch` needs a `default`; ``all`` has those of this version.
public struct DropReason: Hashable, Sendable {
    /// Where its counter is.
    let index: Int

    /// The reason's name in kebab case, for logs and metrics.
    public let name: String

    private init(_ index: Int, _ name: String) {
        self.index = index
        self.name = name
    }

    /// The queue of the peer was at its high-water mark: PUB, XPUB, XSUB, ROUTER and REP.
    public static let queueFull = DropReason(0, "queue-full")
    /// No peer has the routing id, or the subscriber has left: ROUTER, STREAM and XPUB.
    public static let noSuchPeer = DropReason(1, "no-such-peer")
    /// The message was queued for a peer that is gone, or was the answer to one.
    public static let peerGone = DropReason(2, "peer-gone")
    /// A newer message took its place, see ``SocketOptions/conflates``.
    public static let conflated = DropReason(3, "conflated")
    /// The envelope is broken: a request without an empty frame, a routing id with nothing behind it.
    public static let malformed = DropReason(4, "malformed")
    /// REQ: no request waits for it.
    public static let unexpected = DropReason(5, "unexpected")
    /// The linger of the socket, or of the endpoint it was disconnected from, ended before the message had left.
    public static let lingerExpired = DropReason(6, "linger-expired")
    /// SUB: the message arrived and matches no subscription, for example because that was cancelled meanwhile.
    public static let notSubscribed = DropReason(7, "not-subscribed")
    /// There is no memory for what the message needs: REP.
    public static let noMemory = DropReason(8, "no-memory")

    /// All reasons of this version.
    public static let all: [DropReason] = [
        .queueFull, .noSuchPeer, .peerGone, .conflated, .malformed, .unexpected, .lingerExpired, .notSubscribed,
        .noMemory,
    ]

    /// How many counters there are.
    static let count = 9
}

extension DropReason: CustomStringConvertible {
    public var description: String { name }
}

/// How many messages were dropped, by reason.
public struct DroppedMessages: Sendable {
    private var counts = InlineArray<9, Int>(repeating: 0)

    init() {}

    /// The messages dropped for this reason.
    public internal(set) subscript(reason: DropReason) -> Int {
        get { counts[reason.index] }
        set { counts[reason.index] = newValue }
    }

    /// The messages dropped, for whatever reason.
    public var total: Int { counts.indices.reduce(0) { $0 + counts[$1] } }
}

extension DroppedMessages: Equatable {
    public static func == (left: DroppedMessages, right: DroppedMessages) -> Bool {
        left.counts.indices.allSatisfy { left.counts[$0] == right.counts[$0] }
    }
}

extension DroppedMessages: CustomStringConvertible {
    /// The reasons that have occurred, for example `queue-full: 3, peer-gone: 1`.
    public var description: String {
        DropReason.all.filter { self[$0] > 0 }.map { "\($0): \(self[$0])" }.joined(separator: ", ")
    }
}

extension Socket {
    /// Counts messages that are dropped.
    @inline(never)
    final func drop(_ count: Int, _ reason: DropReason) {
        if count > 0 { statistics.dropped[reason] += count }
    }
}
