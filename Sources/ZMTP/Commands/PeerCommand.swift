// What is asked of a socket by its peer, apart from the messages it sends.
//
//   S-1  Of a message that subscribes, only the first frame counts.
//   S-3  Publishers take commands and messages from peers of every version, and both become this.
//   S-4  A message is one that subscribes or cancels when its first byte is 01 or 00.

/// A subscription, or the end of one.
package struct PeerCommand: Sendable {
    /// What is asked for.
    package let subscription: Subscription

    /// The same as a message of one frame: 01 or 00, and the topic.
    package let message: Message

    /// What a message asks for; nil when it is one of the peer's own.
    package init?(_ message: Message) {
        guard let subscription = message.withUnsafeBytes({ Subscription(messageForm: $0) }) else { return nil }
        self.init(subscription, as: message)
    }

    /// What a message asks for that is known to be a subscription or cancellation.
    package init(_ subscription: Subscription, as message: Message) {
        self.subscription = subscription
        self.message = message.count == 1 ? message : Message(frames: [message[0]])
    }

    package init(_ subscription: Subscription, topic: UnsafeRawBufferPointer) {
        self.subscription = subscription
        message = Message(byteCount: topic.count + 1) { bytes in
            bytes[0] = subscription.rawValue
            UnsafeMutableRawBufferPointer(rebasing: bytes[1...]).copyMemory(from: topic)
        }
    }

    /// What is subscribed to, in place.
    package var topic: Frame {
        let slice = message[0].slice
        return Frame(Chunk.Slice(chunk: slice.chunk, start: slice.start + 1, end: slice.end))
    }

    /// Calls `body` with the topic's bytes, in place.
    @inline(__always)
    package func withTopic<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        message.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0.dropFirst())) }
    }
}

extension Subscription {
    /// What the first frame of a message asks for; nil when it asks for nothing.
    @inline(__always)
    init?(messageForm bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.first, let subscription = Subscription(rawValue: first) else { return nil }
        self = subscription
    }
}
