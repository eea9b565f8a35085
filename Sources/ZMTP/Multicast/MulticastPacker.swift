// How messages travel in multicast datagrams, in libzmq's form.
//
//     | offset, 2 bytes | a part of a stream of ZMTP 1.0 frames |
//
//   MC-3  The offset says where the first message begins that begins in the datagram, counted from behind the offset:
//         FF FF when none does.
//   MC-4  There is no greeting, and no subscription goes upstream: a subscriber matches what it has received.
//
// Where a datagram has room left because there is nothing more to send, and no message begins in it, the offset is the
// size of what it holds: a receiver may join behind it.

/// The data of a datagram that is being filled.
package struct MulticastDatagram {
    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    /// The size, with the offset.
    package private(set) var size = Self.offsetSize
    private var offset = Self.noBeginning

    static let offsetSize = 2
    /// The offset that says that no message begins.
    static let noBeginning: UInt16 = 0xFFFF

    package init(_ memory: UnsafeMutableRawBufferPointer) { (base, capacity) = (memory.baseAddress!, memory.count) }

    package var hasRoom: Bool { size < capacity }
    package var isEmpty: Bool { size == Self.offsetSize }

    fileprivate var room: Int { capacity - size }

    /// A message begins behind the next `distance` bytes.
    fileprivate mutating func messageBegins(behind distance: Int) {
        if offset == Self.noBeginning { offset = UInt16(size - Self.offsetSize + distance) }
    }

    fileprivate mutating func append(_ bytes: UnsafeRawBufferPointer) {
        (base + size).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
        size += bytes.count
    }

    /// Writes the offset.
    ///
    /// - Parameter endsMessage: whether a message has ended with the last byte.
    package mutating func finish(endsMessage: Bool) {
        if endsMessage, hasRoom { messageBegins(behind: 0) }
        base.storeBytes(of: offset.bigEndian, as: UInt16.self)
    }
}

/// Fills datagrams with the messages of a queue.
///
/// Rules:
/// * Messages are copied out of the queue some at a time, and are to be released from it as they leave: a message that
///   has begun to leave counts with one byte, as with any other connection, and with the rest at its end.
/// * When filling is over, `settle` leaves nothing here but the rest of a message that has begun to leave, so that the
///   queue may change.
package struct MulticastPacker: ~Copyable {
    private let transform = Version1Transform(MessageLimits(messageBytes: .max, frames: .max, commandBytes: 0))

    private var bytes: [UInt8] = []
    private var position = 0

    /// Where each message ends in `bytes`, and how much of it is to be released from the queue.
    private var messages: [(end: Int, queued: Int)] = []
    /// The first that has not left entirely, and whether it has begun to.
    private var first = 0
    private var hasBegun = false

    /// Bytes that are copied at once, and the rest of a message with them.
    private static let batch = 32 * 1024
    private static let keptCapacity = 64 * 1024

    package init() {}

    /// Whether all that has been copied has left.
    package var isEmpty: Bool { position == bytes.count }

    /// Whether what leaves next is the beginning of a message.
    package var isAtBoundary: Bool { !hasBegun }

    /// Copies messages from the front of a queue, when this is empty.
    ///
    /// - Parameter forEachPiece: calls its argument with the queue's bytes, a piece at a time, until that returns
    ///   false.
    /// - Returns: Whether there was memory for at least one.
    package mutating func fill(_ forEachPiece: ((UnsafeRawBufferPointer) -> Bool) -> Void) -> Bool {
        precondition(isEmpty, "what has been copied leaves first")
        // Taken out meanwhile, so that no access to the properties lasts.
        var (bytes, messages) = (self.bytes, self.messages)
        (self.bytes, self.messages) = ([], [])
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
        messages.removeAll(keepingCapacity: true)
        (position, first, hasBegun) = (0, 0, false)
        transform.restart()
        var hasMemory = true
        forEachPiece { piece in
            guard Self.hasMemory(for: piece.count, in: bytes) else {
                hasMemory = false
                return false
            }
            let isConsumed = transform.seal(piece, to: &bytes, limit: Self.batch) { end, size in
                messages.append((end, size))
            }
            return isConsumed && bytes.count < Self.batch || bytes.count > messages.last?.end ?? 0
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

    /// Moves as much into the datagram as it has room for. Returns how many bytes to release from the queue.
    package mutating func pack(into datagram: inout MulticastDatagram) -> Int {
        let count = min(bytes.count - position, datagram.room)
        guard count > 0 else { return 0 }
        let end = position + count
        if !hasBegun {
            datagram.messageBegins(behind: 0)
        } else if messages[first].end < end {
            datagram.messageBegins(behind: messages[first].end - position)
        }
        bytes.withUnsafeBytes { datagram.append(UnsafeRawBufferPointer(rebasing: $0[position..<end])) }
        position = end
        var released = 0
        while first < messages.count, messages[first].end <= end {
            released += messages[first].queued
            first += 1
            hasBegun = false
        }
        if !hasBegun, first < messages.count, (first == 0 ? 0 : messages[first - 1].end) < end {
            hasBegun = true
            messages[first].queued -= 1
            released += 1
        }
        return released
    }

    /// Forgets the messages that have not begun to leave: they are in the queue.
    package mutating func settle() {
        guard hasBegun else {
            bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
            messages.removeAll(keepingCapacity: true)
            return (position, first) = (0, 0)
        }
        let message = messages[first]
        bytes.removeLast(bytes.count - message.end)
        // A few bytes are moved for each that leaves, at most.
        let gone = position > bytes.count / 2 ? position : 0
        bytes.removeFirst(gone)
        position -= gone
        messages.removeAll(keepingCapacity: true)
        messages.append((message.end - gone, message.queued))
        first = 0
    }
}
