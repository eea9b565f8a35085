import Glibc
import ZMTP

/// Messages of a pipe on their way to a peer that does not take them in the form they are queued in.
///
/// Rules:
/// * Some messages at a time are copied out of the queue, and stay in it until their last byte has left in the other
///   form: the queue's count is exact, and what has not left entirely is still there for the next connection.
/// * Between two writes nothing is kept but the rest of a message that has left in part, so that the queue may change.
///   The queue knows of that message: one byte of it counts as gone.
/// * A message may have any size. Without memory for it the connection ends.
final class TranslatedOutput {
    let transform: any SealingTransform

    private var bytes: [UInt8] = []
    private var sent = 0
    /// Where each message ends in `bytes`, and how much of it is to be released from the queue.
    private var messages: [(end: Int, queued: Int)] = []

    /// Bytes that are translated at once, and the rest of a message with them.
    private static let batch = 64 * 1024

    init(_ transform: any SealingTransform) { self.transform = transform }

    /// Writes from the front of the queue, which must not be empty, `limit` bytes at most: when a message has left in
    /// part, the rest of it and no more.
    ///
    /// - Returns: The result of send(2), the bytes it was offered, and how many bytes to release from the queue.
    func write(
        _ queue: borrowing OutboundQueue,
        to stream: borrowing ByteStream,
        atMost limit: Int
    ) -> (sent: Int, offered: Int, released: Int) {
        if bytes.isEmpty, !fill(from: queue) {
            errno = ENOMEM
            return (-1, 0, 0)
        }
        let offered = min(bytes.count - sent, limit)
        let count = bytes.withUnsafeBytes {
            stream.write(UnsafeRawBufferPointer(rebasing: $0[sent..<sent + offered]))
        }
        let error = errno
        let released = settle(sent: max(count, 0))
        errno = error
        return (count, offered, released)
    }

    /// Translates some messages; false without memory for a single one.
    private func fill(from queue: borrowing OutboundQueue) -> Bool {
        var (bytes, messages) = (self.bytes, self.messages)
        transform.restart()
        var hasMemory = true
        queue.forEachPiece { piece in
            hasMemory = Self.hasMemory(for: piece.count, in: bytes)
            guard hasMemory else { return false }
            return transform.seal(piece, to: &bytes, limit: Self.batch) { end, size in
                messages.append((end, size))
            }
        }
        // What there is of a message without memory for the rest is of no use.
        if !hasMemory { bytes.removeLast(bytes.count - (messages.last?.end ?? 0)) }
        (self.bytes, self.messages) = (bytes, messages)
        return !messages.isEmpty
    }

    /// Whether so many bytes can be appended. The array doubles, and a header of 1.0 is longer than one of 3.x.
    private static func hasMemory(for size: Int, in bytes: [UInt8]) -> Bool {
        let needed = bytes.count + size
        return needed + needed / 16 < bytes.capacity || Memory.isAvailable(2 * (needed + needed / 16))
    }

    /// Keeps what has begun to leave and not ended; returns how much to release from the queue.
    private func settle(sent count: Int) -> Int {
        let start = sent
        sent += count
        var (released, begin) = (0, 0)
        for message in messages {
            guard message.end > sent else {
                released += message.queued
                begin = message.end
                continue
            }
            guard sent > begin else { break }
            let isNew = start <= begin
            // Taken out meanwhile, so that no access to the property lasts.
            var kept = bytes
            bytes = []
            kept.removeLast(kept.count - message.end)
            bytes = kept
            messages = [(message.end, message.queued - (isNew ? 1 : 0))]
            return released + (isNew ? 1 : 0)
        }
        (bytes, self.sent, messages) = ([], 0, [])
        return released
    }
}
