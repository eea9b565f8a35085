/// Why a message was dropped: the keys of ``SocketStatistics/dropped``.
///
/// New reasons may be added, so a `switch` needs a `default`; ``all`` contains those of this version.
public struct DropReason: Hashable, Sendable {
    /// The index of its counter.
    let index: Int

    private init(_ index: Int) { self.index = index }

    /// The reason's name in kebab case, for logs and metrics.
    public var name: String { Self.names[index] }

    private static let names = [
        "queue-full", "no-such-peer", "peer-gone", "conflated", "malformed", "unexpected", "linger-expired",
        "not-subscribed", "no-memory", "undelivered", "not-forwarded", "lost", "too-large",
    ]

    /// The queue of the peer was at its high-water mark: PUB, XPUB, XSUB, RADIO, ROUTER and REP.
    public static var queueFull: DropReason { DropReason(0) }
    /// No peer has the routing id, or the subscriber is gone: ROUTER, STREAM and XPUB. Nothing can be sent to the address:
    /// RADIO and DGRAM over udp.
    public static var noSuchPeer: DropReason { DropReason(1) }
    /// The message was queued for a peer that is gone, or was a reply to one.
    public static var peerGone: DropReason { DropReason(2) }
    /// A newer message replaced it; see ``SocketOptions/isConflating``.
    public static var conflated: DropReason { DropReason(3) }
    /// The envelope is malformed: a request without an empty frame, a routing id without a message, more frames than
    /// the type has. Or a datagram is.
    public static var malformed: DropReason { DropReason(4) }
    /// It is not for this socket: no request of a REQ is pending for it, or the type receives none (PUSH, PUB).
    public static var unexpected: DropReason { DropReason(5) }
    /// The linger of the socket, or of the disconnected endpoint, ended before the message was sent.
    public static var lingerExpired: DropReason { DropReason(6) }
    /// SUB and DISH: the message arrived and matches no subscription, for example because that was cancelled in the
    /// meantime.
    public static var notSubscribed: DropReason { DropReason(7) }
    /// There was no memory for the message: REP.
    public static var noMemory: DropReason { DropReason(8) }

    /// It arrived, and the socket was closed before the application received it, or left a peer within the program that
    /// was gone itself.
    public static var undelivered: DropReason { DropReason(9) }

    /// It is a subscription that reached the XPUB of a proxy that forwards in the other direction only; see ``Proxy``.
    public static var notForwarded: DropReason { DropReason(10) }

    /// SUB and XSUB over pgm and epgm: packets of a sender did not arrive, and were not repaired in time. Counts packets,
    /// which hold messages or parts of them. DISH and DGRAM over udp: the operating system's buffer had no room for a
    /// datagram, which is known when the next one arrives; several of one sender that came in one piece count as one.
    public static var lost: DropReason { DropReason(11) }

    /// It does not fit in a datagram, RADIO over udp; or it has arrived in one and exceeds
    /// ``SocketOptions/maxMessageSize``.
    public static var tooLarge: DropReason { DropReason(12) }

    /// All reasons of this version.
    public static let all = names.indices.map { DropReason($0) }

    /// One counter for each reason.
    typealias Counts<Counter: ~Copyable> = InlineArray<13, Counter>
}

extension DropReason: CustomStringConvertible {
    public var description: String { name }
}

/// How many messages were dropped, by reason.
public struct DroppedMessages: Sendable {
    private var counts = DropReason.Counts<Int>(repeating: 0)

    init() {}

    /// The messages dropped for this reason.
    public internal(set) subscript(reason: DropReason) -> Int {
        get { counts[reason.index] }
        set { counts[reason.index] = newValue }
    }

    /// The messages dropped for any reason.
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
