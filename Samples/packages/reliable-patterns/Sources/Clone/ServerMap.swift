/// The server's map: what each change means, without a socket.
struct ServerMap {
    private(set) var entries: [String: [UInt8]] = [:]
    /// The number of the last change.
    private(set) var sequence: UInt64
    /// The changes that were applied last, so that none of them is applied again.
    private var recent: Set<ChangeID> = []
    private var recentInOrder: [ChangeID] = []

    /// How many changes are recognised when they arrive again.
    static let recentLimit = 100_000

    init(sequence: UInt64 = 0) { self.sequence = sequence }

    /// Applies a change that a client has sent. Returns the change to publish, which has a number.
    ///
    /// A change that arrives again, because its client does not know that it was applied, is not applied again: the key
    /// may have a later value. Publishing that value under the change's id confirms the change.
    mutating func apply(_ change: Change) -> Change {
        var change = change
        if let id = change.id, recent.contains(id) { change.value = entries[change.key] ?? [] }
        change.sequence = sequence + 1
        restore(change)
        return change
    }

    /// Applies a change that has a number.
    mutating func restore(_ change: Change) {
        sequence = change.sequence
        entries[change.key] = change.value.isEmpty ? nil : change.value
        guard let id = change.id, recent.insert(id).inserted else { return }
        recentInOrder.append(id)
        guard recentInOrder.count >= 2 * Self.recentLimit else { return }
        recent.subtract(recentInOrder.prefix(Self.recentLimit))
        recentInOrder.removeFirst(Self.recentLimit)
    }
}
