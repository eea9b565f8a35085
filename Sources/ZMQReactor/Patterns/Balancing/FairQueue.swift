import ZMTP

/// Takes one message from each pipe that has some, in turn (PLL-7; the same for every receiving type).
struct FairQueue: ~Copyable {
    private var pipes = RingBuffer<Pipe>()

    /// Whether a pipe keeps its turn for as long as it has messages. A socket with one peer at a time has several such
    /// pipes only when it still has messages of an earlier connection, and these are the first.
    let isInOrder: Bool

    init(isInOrder: Bool = false) { self.isInOrder = isInOrder }

    var isEmpty: Bool { pipes.isEmpty }

    /// Call when messages have been appended to the pipe's `inbound`.
    mutating func add(_ pipe: Pipe) {
        guard !pipe.isInFairQueue, !pipe.inbound.isEmpty else { return }
        pipe.isInFairQueue = true
        pipes.append(pipe)
    }

    /// The next message, and its pipe.
    mutating func next() -> (message: Message, pipe: Pipe)? {
        while let pipe = popFirst() {
            guard let message = pipe.inbound.next() else { continue }
            took(message.wireSize, from: pipe)
            return (message, pipe)
        }
        return nil
    }

    /// The next message as a batch, and its pipe.
    mutating func nextBatch() -> (batch: MessageBatch, pipe: Pipe)? {
        while let pipe = popFirst() {
            guard let batch = pipe.inbound.nextBatch() else { continue }
            took(batch.byteCount, from: pipe)
            return (batch, pipe)
        }
        return nil
    }

    @inline(__always)
    private mutating func popFirst() -> Pipe? {
        guard let pipe = pipes.popFirst() else { return nil }
        pipe.isInFairQueue = false
        return pipe
    }

    /// A message of this size has been taken from the pipe.
    @inline(__always)
    private mutating func took(_ size: Int, from pipe: Pipe) {
        addAgain(pipe)
        pipe.taken(Credit(messages: 1, bytes: size))
    }

    /// A pipe that was the first has had its turn.
    @inline(__always)
    private mutating func addAgain(_ pipe: Pipe) {
        guard isInOrder, !pipe.inbound.isEmpty else { return add(pipe) }
        pipe.isInFairQueue = true
        pipes.prepend(pipe)
    }

    /// The pipe whose turn it is.
    mutating func first() -> Pipe? {
        while !pipes.isEmpty, pipes.first.inbound.isEmpty { pipes.popFirst()!.isInFairQueue = false }
        return pipes.isEmpty ? nil : pipes.first
    }

    /// Whether all messages of the pipe whose turn it is are next.
    var firstStays: Bool { isInOrder || pipes.count == 1 }

    /// Gives the next pipe its turn.
    mutating func rotate() {
        if let pipe = popFirst() { addAgain(pipe) }
    }

    /// Discards all messages, and returns how many there were.
    mutating func removeAll() -> Int {
        var count = 0
        while let pipe = popFirst() {
            count += pipe.inbound.count
            pipe.inbound.removeAll()
        }
        return count
    }
}
