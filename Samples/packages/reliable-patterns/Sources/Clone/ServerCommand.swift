import ZMQReactor

/// What a client receives from the server (RFC 12).
enum ServerCommand: Equatable {
    case change(Change)
    /// Nothing has changed (HUGZ).
    ///
    /// RFC 12 has zero where this server has its sequence number. By it a client notices that it has missed the last change,
    /// and not only when the next one arrives. Other clients ignore it.
    case heartbeat(sequence: UInt64)
    /// The snapshot is complete (KTHXBAI).
    case snapshotEnd(sequence: UInt64)

    private static let heartbeatName: Frame = "HUGZ"
    private static let snapshotEndName: Frame = "KTHXBAI"

    static func isReserved(_ key: Frame) -> Bool { key == heartbeatName || key == snapshotEndName }

    /// Nil if the message is none of these.
    init?(_ message: Message) {
        if let change = Change(message) {
            self = .change(change)
            return
        }
        guard message.count == 5, let name = message.frame(0), let sequence = message.frame(1)?.integer(as: UInt64.self)
        else { return nil }
        switch name {
        case Self.heartbeatName: self = .heartbeat(sequence: sequence)
        case Self.snapshotEndName: self = .snapshotEnd(sequence: sequence)
        default: return nil
        }
    }

    var message: Message {
        switch self {
        case .change(let change): change.message
        case .heartbeat(let sequence): [Self.heartbeatName, Frame(integer: sequence), "", "", ""]
        case .snapshotEnd(let sequence): [Self.snapshotEndName, Frame(integer: sequence), "", "", ""]
        }
    }
}

/// The request for a snapshot (ICANHAZ): of all keys that begin with `subtree`.
struct SnapshotRequest: Equatable {
    var subtree = ""

    init() {}

    /// Nil if the message is not one.
    init?(_ message: Message) {
        guard message.count == 2, message.frame(0) == "ICANHAZ?", let subtree = message.frame(1) else { return nil }
        self.subtree = subtree.string
    }

    var message: Message { ["ICANHAZ?", Frame(subtree)] }
}
