import ZMTP

/// Which pipe takes the next message, and the messages that have come back from a peer that is gone: they go ahead of
/// new ones.
struct BalancedTurns: ~Copyable {
    private var rotation = RoundRobin()
    private var returned = RingBuffer<MessageBatch>()

    // MARK: Messages

    /// The pipe that takes a new message; nil if no pipe has room, or messages that have come back wait for it.
    @inline(__always)
    mutating func next() -> Unmanaged<Pipe>? { returned.isEmpty ? rotation.next() : nil }

    /// Whether there is only one pipe.
    var haveOnePipe: Bool { rotation.hasOnePipe }

    mutating func takeBack(_ batch: MessageBatch) { if !batch.isEmpty { returned.append(batch) } }

    /// Whether messages that have come back wait for room.
    var haveReturned: Bool { !returned.isEmpty }

    /// The next message that has come back, and the pipe that takes it; nil if there is none, or no pipe has room.
    mutating func nextReturned() -> (message: Message, pipe: Pipe)? {
        guard !returned.isEmpty, let pipe = rotation.next() else { return nil }
        let message = returned.first.next()!
        if returned.first.isEmpty { _ = returned.popFirst() }
        return (message, pipe.takeUnretainedValue())
    }

    /// How many messages have come back and wait.
    var returnedCount: Int { (0..<returned.count).reduce(0) { $0 + returned[$1].count } }

    mutating func dropReturned() { returned.removeAll() }

    // MARK: Pipes

    mutating func add(_ pipe: Pipe) { rotation.add(pipe) }

    mutating func remove(_ pipe: Pipe) { rotation.remove(pipe) }

    mutating func pipeRegainedCapacity() { rotation.pipeRegainedCapacity() }
}
