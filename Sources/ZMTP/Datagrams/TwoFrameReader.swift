/// Takes messages of two frames apart, in wire form and in place: those of a queue on their way into datagrams.
///
/// The queue's bytes come a piece at a time. A piece ends where a frame does, or between a header and its body.
package struct TwoFrameReader {
    /// The body of the first frame of a message.
    private var head: UnsafeRawBufferPointer?
    /// The size of the body that the next piece begins with.
    private var awaited: Int?
    /// The bytes of the message so far.
    private var size = 0

    package init() {}

    /// Calls `message` with the bodies of both frames and the size of all, for each message that ends in the piece,
    /// until that returns false. Returns false then, too.
    @inline(__always)
    package mutating func read(
        _ piece: UnsafeRawBufferPointer,
        _ message: (_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer, _ size: Int) -> Bool
    ) -> Bool {
        guard let base = piece.baseAddress else { return true }
        var position = 0
        while true {
            let bodySize: Int
            if let awaited {
                bodySize = awaited
                self.awaited = nil
            } else {
                guard position < piece.count else { return true }
                let header = FrameHeader(trusted: base + position)
                position += header.size
                size += header.size
                bodySize = header.bodySize
            }
            guard piece.count - position >= bodySize else {
                precondition(position == piece.count, "the body of a frame lies in one piece")
                awaited = bodySize
                return true
            }
            let body = UnsafeRawBufferPointer(start: base + position, count: bodySize)
            position += bodySize
            size += bodySize
            guard let head else {
                head = body
                continue
            }
            let whole = size
            (self.head, size) = (nil, 0)
            guard message(head, body, whole) else { return false }
        }
    }
}
