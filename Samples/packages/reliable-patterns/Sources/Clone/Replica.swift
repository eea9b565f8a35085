/// A client's copy of the map, and the rules by which it becomes and stays equal to the server's (RFC 12), without a
/// socket.
///
/// The order of the steps matters. First the subscription is in force, which the first message received by it shows;
/// then the snapshot is asked for. So each change is in the snapshot, or arrives by the subscription, or both, and its
/// number shows which. A snapshot asked for earlier can miss a change that was published before the subscription
/// reached the server.
///
/// Numbers of changes have no gaps. When one is missing, because the connection was lost or a queue was full, the copy
/// is made anew by another snapshot; until that has arrived, the old one stands.
struct Replica {
    private(set) var entries: [String: [UInt8]] = [:]
    private(set) var sequence: UInt64 = 0
    private var state = State.waitingForSubscription
    /// The changes that have arrived since the snapshot was needed, in order.
    private var waiting: [Change] = []

    private enum State { case waitingForSubscription, waitingForSnapshot, isCurrent }

    /// How many changes are kept until the snapshot arrives. Those beyond are a gap, for which there is another snapshot.
    static let bufferLimit = 10_000

    /// Whether the copy is equal to the server's, but for changes that are on their way.
    var isCurrent: Bool { state == .isCurrent }

    var needsSnapshot: Bool { state == .waitingForSnapshot }

    /// A message has arrived by the subscription. Returns the changes that were applied.
    mutating func receive(_ command: ServerCommand) -> [Change] {
        switch (state, command) {
        case (.isCurrent, .change(let change)): return apply(change) ? [change] : []
        case (.isCurrent, .heartbeat(let number)) where number != 0 && number != sequence: state = .waitingForSnapshot
        case (.waitingForSubscription, .heartbeat): state = .waitingForSnapshot
        case (.waitingForSubscription, .change(let change)), (.waitingForSnapshot, .change(let change)):
            state = .waitingForSnapshot
            if waiting.count < Self.bufferLimit { waiting.append(change) }
        default: break
        }
        return []
    }

    /// A snapshot is complete. Returns the later changes that were applied to it.
    mutating func install(_ snapshot: [String: [UInt8]], sequence: UInt64) -> [Change] {
        guard needsSnapshot else { return [] }
        entries = snapshot
        self.sequence = sequence
        state = .isCurrent
        let changes = waiting
        waiting = []
        // Behind a gap, the others wait for the next snapshot.
        return changes.flatMap { receive(.change($0)) }
    }

    /// Returns false for a change that the copy already has, and for one behind a gap.
    private mutating func apply(_ change: Change) -> Bool {
        guard change.sequence > sequence else { return false }
        guard change.sequence == sequence + 1 else {
            state = .waitingForSnapshot
            waiting = [change]
            return false
        }
        sequence = change.sequence
        entries[change.key] = change.value.isEmpty ? nil : change.value
        return true
    }
}
