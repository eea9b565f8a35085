/// Consecutive complete messages in one block of memory: the result of one read, and the content of queues.
///
/// Removing messages from the front decodes their headers in place. A message of several pieces is always a batch of
/// its own, and the subscriptions of a peer are a batch apart from its cancellations and its messages.
@usableFromInline
package struct MessageBatch: Sendable {
    @usableFromInline package var chunk: Chunk
    @usableFromInline package var start: Int
    @usableFromInline package var end: Int
    /// The number of messages.
    @usableFromInline package var count: Int
    /// In the lowest two bits what the messages are, see `subscription`; above them the number of frames of a message
    /// made of several pieces, 0 when the batch is in one piece.
    @usableFromInline let form: Int

    @inlinable
    package init(chunk: Chunk, start: Int, end: Int, count: Int) {
        self.init(of: nil, chunk: chunk, start: start, end: end, count: count)
    }

    /// A batch of subscriptions or cancellations, in message form, or of messages.
    @inlinable @inline(__always)
    package init(of subscription: Subscription?, chunk: Chunk, start: Int, end: Int, count: Int) {
        self.chunk = chunk
        self.start = start
        self.end = end
        self.count = count
        form = Self.form(of: subscription)
    }

    /// A batch of one message.
    @inlinable
    package init(_ message: borrowing Message) {
        chunk = message.chunk
        start = message.start
        end = message.end
        count = 1
        form = message.isContiguous ? 0 : message.frameCount &<< 2
    }

    /// A batch of one subscription or cancellation.
    package init(_ command: borrowing PeerCommand) {
        let message = command.message
        chunk = message.chunk
        start = message.start
        end = message.end
        count = 1
        form = Self.form(of: command.subscription) | (message.isContiguous ? 0 : message.frameCount &<< 2)
    }

    @inlinable @inline(__always)
    static func form(of subscription: Subscription?) -> Int {
        switch subscription {
        case nil: 0
        case .subscribe: 1
        case .cancel: 2
        }
    }

    /// Whether the messages are subscriptions or cancellations of a peer, in message form; nil when they are messages.
    @inlinable package var subscription: Subscription? {
        switch form & 3 {
        case 0: nil
        case 1: .subscribe
        default: .cancel
        }
    }

    /// Whether all messages lie in the batch's own memory, without further pieces.
    @inlinable @inline(__always)
    package var isInOnePiece: Bool { form < 4 }

    /// The number of frames of a message made of several pieces.
    @inlinable package var pieceFrames: Int { form &>> 2 }

    @inlinable package var isEmpty: Bool { count == 0 }

    /// Removes and returns the first message.
    @inlinable @inline(__always)
    package mutating func next() -> Message? {
        guard count > 0 else { return nil }
        let first = start
        let frames = passFirst()
        return Message(chunk: chunk, start: first, end: start, frameCount: frames)
    }

    /// Removes all messages.
    @inlinable
    package mutating func removeAll() { (start, count) = (end, 0) }

    /// Removes messages, one by one, as long as `condition` holds, and lends each to `body`.
    ///
    /// They are one value that advances and holds the chunk: a message that is read and not kept counts no reference.
    @inlinable @inline(__always)
    package mutating func forEach(while condition: () -> Bool, _ body: (borrowing Message) -> Void) {
        guard count > 0 else { return }
        var message = Message(chunk: chunk, start: start, end: start, frameCount: 0)
        while count > 0, condition() {
            message.start = start
            message.frameCount = passFirst()
            message.end = start
            body(message)
        }
    }

    /// Advances past the first message, which must exist; returns its number of frames.
    @inlinable @inline(__always)
    mutating func passFirst() -> Int {
        count &-= 1
        guard isInOnePiece else {
            start = end
            return pieceFrames
        }
        var frames = 1
        var frame = FrameHeader(trusted: chunk.base + start)
        start &+= frame.frameSize
        while frame.hasMore {
            frames &+= 1
            frame = FrameHeader(trusted: chunk.base + start)
            start &+= frame.frameSize
        }
        return frames
    }
}

extension MessageBatch {
    /// The chunk, which is all that remains of an empty batch.
    @inlinable @inline(__always)
    package consuming func takeChunk() -> Chunk { chunk }

    /// Appends a batch of the same kind if it follows directly in the same memory; returns whether it does.
    package mutating func extend(with next: MessageBatch) -> Bool {
        guard isInOnePiece, form == next.form, chunk === next.chunk, end == next.start else { return false }
        end = next.end
        count += next.count
        return true
    }

    /// The number of bytes on the wire.
    @inlinable package var byteCount: Int {
        var size = end &- start
        if !isInOnePiece { for piece in chunk.pieces { size &+= piece.count } }
        return size
    }
}
