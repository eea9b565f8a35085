// Requests of a peer to a socket, apart from the messages it sends.
//
//   S-1  Of a message that subscribes, only the first frame counts.
//   S-3  Publishers accept commands and messages from peers of every version; both become a PeerCommand.
//   S-4  A message subscribes or cancels when its first byte is 01 or 00.

/// A subscription, or its cancellation.
package struct PeerCommand: Sendable {
    /// What the peer requests.
    package let subscription: Subscription

    /// The request as a message of one frame: 01 or 00, and the topic.
    package let message: Message

    /// The request in a message; nil when it is an ordinary message.
    package init?(_ message: Message) {
        guard let subscription = message.withUnsafeBytes({ Subscription(messageForm: $0) }) else { return nil }
        self.init(subscription, as: message)
    }

    /// The request in a message that is known to subscribe or cancel.
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

    /// The topic, in place.
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
    /// The request in the first frame of a message; nil when there is none.
    @inline(__always)
    init?(messageForm bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.first, let subscription = Subscription(rawValue: first) else { return nil }
        self = subscription
    }
}
