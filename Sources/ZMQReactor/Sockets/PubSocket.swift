public import EventReactor
public import ZMTP

/// What a ``PubSocket`` tells its application. Everything may be ignored.
public protocol PubHandler: AnyObject {
    /// A subscriber's queue is full: a message was dropped for it. Called for every such message.
    func socketDroppedMessage(_ socket: PubSocket)
}

/// Sends each message to all SUB peers that have subscribed to it (RFC 29).
///
/// A subscription is a prefix of the first frame's bytes, and matching happens here: a message that nobody wants does not travel
/// (PUB-8, PUB-9). A subscriber whose queue is full misses the message, the others do not (PUB-10); sending never
/// waits (PUB-11). What subscribers send, subscriptions apart, is discarded (PUB-6).
public final class PubSocket: Socket, BroadcastingSocket {
    private var handler: (any PubHandler)?
    /// While it is walked, nothing unknown is called.
    @exclusivity(unchecked) private var subscriptions = SubscriptionTree()

    /// - Parameters:
    ///   - reactor: the loop that the socket lives on.
    ///   - context: what the program's sockets have in common.
    ///   - options: how the socket behaves.
    ///   - handler: hears of dropped messages; kept until the socket is closed.
    /// - Throws: `invalidArgument` for an option, `terminated` when the context is.
    public init(
        on reactor: Reactor,
        in context: Context,
        options: SocketOptions = SocketOptions(),
        handler: (any PubHandler)? = nil
    ) throws(ZMQError) {
        self.handler = handler
        try super.init(.pub, on: reactor, in: context, options: options)
    }

    public func send(_ message: Message) throws(ZMQError) {
        guard state == .open else { throw closedError() }
        message.withUnsafeBytes { topic in
            forEachSubscriber(to: topic) { $0.append(message) }
        }
    }

    public func send(_ bytes: RawSpan) throws(ZMQError) {
        // The bytes of a large message are copied once, and shared by all who want it.
        guard bytes.byteCount <= Chunk.Size.copied else { return try send(Message(bytes)) }
        guard state == .open else { throw closedError() }
        bytes.withUnsafeBytes { bytes in
            forEachSubscriber(to: bytes) { $0.append(bytes) }
        }
    }

    @inline(__always)
    private func forEachSubscriber(to topic: UnsafeRawBufferPointer, _ enqueue: (inout OutboundQueue) -> Void) {
        var dropped = 0
        subscriptions.forEachMatch(topic) { slot in
            guard let pipe = pipes[slot] else { return }
            guard pipe.hasRoom else { return dropped += 1 }
            enqueue(&pipe.outbound)
            pipe.outboundGrew()
        }
        if dropped > 0 { tellDropped(dropped) }
    }

    @inline(never)
    private func tellDropped(_ count: Int) {
        statistics.messagesDropped += count
        for _ in 0..<count { handler?.socketDroppedMessage(self) }
    }

    /// The number of different topics that are subscribed to.
    public var topicCount: Int { subscriptions.topicCount }

    // MARK: Subscriptions (PUB-12, PUB-13)

    override func receive(_ run: consuming Run, from pipe: Pipe) {
        while let message = run.next() {
            message.withUnsafeBytes { bytes in
                guard let first = bytes.first else { return }
                let topic = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
                switch Subscription(rawValue: first) {
                case .subscribe: _ = subscriptions.insert(topic, subscriber: pipe.slot)
                case .cancel: _ = subscriptions.remove(topic, subscriber: pipe.slot)
                case nil: break
                }
            }
        }
    }

    override func pipeDown(_ pipe: Pipe) {
        // What a peer wanted is over with its connection; it says so again when it comes back.
        subscriptions.removeAll(of: pipe.slot)
    }

    override func pipeRemoved(_ pipe: Pipe) { subscriptions.removeAll(of: pipe.slot) }

    override func forgetHandler() { handler = nil }
}
