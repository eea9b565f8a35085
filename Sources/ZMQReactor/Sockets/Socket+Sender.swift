import ZMTP

/// The peer of a message, in numbers: they are noted for each batch of messages, and cost no reference.
struct Sender {
    /// No message has arrived.
    static let none = Sender(slot: -1, number: -1)

    private let slot: Int
    private let number: Int

    private init(slot: Int, number: Int) { (self.slot, self.number) = (slot, number) }

    @inline(__always) init(_ pipe: Pipe) { self.init(slot: pipe.slot, number: pipe.peerNumber) }

    /// The pipe, if its peer is still the same.
    func pipe(in pipes: [Pipe?]) -> Pipe? {
        guard pipes.indices.contains(slot), let pipe = pipes[slot], pipe.peerNumber == number else { return nil }
        return pipe
    }
}

extension Socket {
    /// The peer that has sent the message which the handler is being called with, or which was received last: its
    /// address, and what an ``Authenticator`` knows of it. nil before the first message, and when that peer is gone.
    ///
    /// Read it before the next message. What libzmq calls `zmq_msg_gets(message, "User-Id")` is `sender?.userID`.
    public final var sender: PeerDescription? {
        lastSender.pipe(in: pipes).map { PeerDescription($0.link?.peerAddress ?? "unknown", $0.peer) }
    }

    /// The next message from the peers in turn.
    final func nextMessage() -> (message: Message, pipe: Pipe)? {
        guard let next = fairQueue.next() else { return nil }
        lastSender = Sender(next.pipe)
        return next
    }

    /// As `nextMessage`, as a batch.
    final func nextBatch() -> (batch: MessageBatch, pipe: Pipe)? {
        guard let next = fairQueue.nextBatch() else { return nil }
        lastSender = Sender(next.pipe)
        return next
    }
}
