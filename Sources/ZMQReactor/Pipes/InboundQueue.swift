import ZMTP

/// Messages that have arrived and that the application has not taken yet, as the runs they arrived in.
///
/// What takes little of the chunk it was read into is copied out of it: queued messages would otherwise hold 64 KiB each when they arrive
/// one by one.
struct InboundQueue: ~Copyable {
    private var runs = RingBuffer<Run>()

    /// The number of messages.
    private(set) var count = 0

    /// The number of messages that were ever appended.
    private(set) var appended = Credit.zero

    /// The number of bytes they take on the wire.
    private(set) var byteCount = 0

    private var arena = RunArena()

    var isEmpty: Bool { count == 0 }

    /// All that is in the queue.
    var held: Credit { Credit(messages: count, bytes: byteCount) }

    mutating func append(_ run: Run) {
        guard !run.isEmpty else { return }
        count += run.count
        let size = run.byteCount
        appended += Credit(messages: run.count, bytes: size)
        byteCount += size
        if !runs.isEmpty, runs[runs.count - 1].extend(with: run) { return }
        let run = arena.compact(run)
        if runs.isEmpty || !runs[runs.count - 1].extend(with: run) { runs.append(run) }
    }

    /// Takes the oldest message out.
    mutating func next() -> Message? {
        guard count > 0 else { return nil }
        count -= 1
        let message = runs[0].next()!
        byteCount -= message.wireSize
        if runs[0].isEmpty { _ = runs.popFirst() }
        if count == 0 { arena.removeAll() }
        return message
    }

    /// Whether there is a message that satisfies the condition. Looks at all of them.
    func contains(where condition: (borrowing Message) -> Bool) -> Bool {
        for index in 0..<runs.count {
            var run = runs[index]
            while let message = run.next() { if condition(message) { return true } }
        }
        return false
    }

    /// The oldest messages, at most `limit`, that lie in one piece. They stay in the queue.
    func first(_ limit: Int) -> Run? {
        guard count > 0 else { return nil }
        var run = runs[0]
        return run.takeFirst(limit)
    }

    /// Lets go of the oldest messages: those that are missing in what is left of a run that `first` has answered.
    mutating func dropFirst(_ number: Int, leaving rest: Run) {
        count -= number
        if runs[0].count == number {
            byteCount -= runs[0].byteCount
            _ = runs.popFirst()
        } else {
            byteCount -= rest.start - runs[0].start
            runs[0].start = rest.start
            runs[0].count -= number
        }
        if count == 0 { arena.removeAll() }
    }

    /// Moves all messages to a queue that is empty.
    mutating func move(to other: inout InboundQueue) {
        swap(&runs, &other.runs)
        swap(&count, &other.count)
        swap(&byteCount, &other.byteCount)
        swap(&arena, &other.arena)
    }

    mutating func removeAll() {
        runs.removeAll()
        arena.removeAll()
        count = 0
        byteCount = 0
    }
}
