import Glibc
import ZMTP

/// Messages of a pipe on their way to a peer that does not take them in the form they are queued in.
///
/// Rules:
/// * Some messages at a time are copied out of the queue, and stay in it until their last byte has left in the other form:
///   the queue's count is exact, and what has not left entirely is still there for the next connection.
/// * Between two writes nothing is kept that the queue has not any more.
struct TranslatedOutput {
    private let form: FrameTranslation.Form

    private var bytes: [UInt8] = []
    private var sent = 0
    /// Where each message ends in `bytes`, and its size in the queue.
    private var messages: [(end: Int, queued: Int)] = []
    /// How many of `messages` have left.
    private var left = 0

    /// Bytes that are translated at once, and the rest of a message with them.
    private static let batch = 64 * 1024

    init(_ form: FrameTranslation.Form) { self.form = form }

    /// Whether the next byte to leave is the first of a message.
    var isAtBoundary: Bool { sent == (left == 0 ? 0 : messages[left - 1].end) }

    /// Writes from the front of the queue, which must not be empty.
    ///
    /// - Parameter onlyRestOfMessage: whether something else is to leave before the next message begins.
    /// - Returns: What send(2) answers, what it was offered, and how many bytes may be released from the queue.
    mutating func write(
        _ queue: borrowing OutboundQueue,
        to descriptor: CInt,
        onlyRestOfMessage: Bool
    ) -> (sent: Int, offered: Int, released: Int) {
        if bytes.isEmpty { fill(from: queue) }
        let end = onlyRestOfMessage ? messages[left].end : bytes.count
        let count = bytes.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress! + sent, end - sent, CInt(MSG_NOSIGNAL))
        }
        guard count > 0 else { return (count, end - sent, 0) }
        let offered = end - sent
        sent += count
        return (count, offered, takeLeft())
    }

    private mutating func fill(from queue: borrowing OutboundQueue) {
        var (bytes, messages) = (self.bytes, self.messages)
        var translation = FrameTranslation(to: form)
        queue.forEachPiece { piece in
            translation.append(piece, to: &bytes, limit: Self.batch) { end, size in
                messages.append((end, size))
            }
        }
        (self.bytes, self.messages) = (bytes, messages)
    }

    /// The size in the queue of the messages that have left since the last time.
    private mutating func takeLeft() -> Int {
        var size = 0
        while left < messages.count, messages[left].end <= sent {
            size += messages[left].queued
            left += 1
        }
        if sent == bytes.count { self = TranslatedOutput(form) }
        return size
    }
}
