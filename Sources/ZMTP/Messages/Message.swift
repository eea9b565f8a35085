/// The unit that sockets send and receive: one or more frames that arrive together or not at all.
///
/// A message is a value: copying it copies a reference, its bytes never change, and it stays valid after further
/// messages arrive and after its socket is closed. In memory it has the form it has on the wire: ZMTP frames in one
/// block.
///
/// ```swift
/// let hello: Message = "Hello"
/// let weather: Message = ["10001", "-12 48"]
/// print(weather[0].string, weather.count)
/// ```
///
/// A received message is a slice of the memory into which it was read, up to 64 KiB that it shares with its neighbours.
/// An application that keeps a few of many messages for long should keep a ``copy()``.
public struct Message: Sendable {
    @usableFromInline package var chunk: Chunk
    /// The offset of the first byte of the first frame's header.
    @usableFromInline package var start: Int
    /// The offset behind the last byte in `chunk`; `chunk.pieces` may follow.
    @usableFromInline package var end: Int
    /// The number of frames, at least one.
    @usableFromInline package var frameCount: Int

    @inlinable
    package init(chunk: Chunk, start: Int, end: Int, frameCount: Int) {
        self.chunk = chunk
        self.start = start
        self.end = end
        self.frameCount = frameCount
    }

    /// The total size of all frames, without their headers.
    public var byteCount: Int {
        var total = 0
        for frame in self { total += frame.count }
        return total
    }

    /// The text of the first frame; bytes that are not UTF-8 become U+FFFD. Convenient for messages of one frame.
    public var string: String { self[0].string }

    /// The texts of all frames; bytes that are not UTF-8 become U+FFFD.
    public var strings: [String] { map(\.string) }

    /// Copies the bytes of all frames, one after another, as far as `buffer` has room, and returns the total size,
    /// which is larger when bytes were left out.
    ///
    /// This is how to receive into a buffer of fixed size: what does not fit is lost, and the next message is not
    /// affected.
    @discardableResult
    public func copyBytes(to buffer: UnsafeMutableRawBufferPointer) -> Int {
        var used = 0
        for frame in self {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer.dropFirst(used))
            used += frame.copyBytes(to: rest)
        }
        return used
    }

    /// A copy in memory of its own, so that nothing else is kept alive.
    public func copy() -> Message { Message(contiguous: self) }

    /// Calls `body` with the first frame's bytes, in place. The pointer is valid during the call only.
    ///
    /// The cheapest access to a message of one frame: nothing is retained, and nothing allocated.
    @inlinable
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(chunk) {} }
        let header = FrameHeader(trusted: chunk.base + start)
        if start &+ header.size == end, header.bodySize > 0 {
            return try body(chunk.pieces[0].bytes)
        }
        return try body(
            UnsafeRawBufferPointer(start: chunk.base + start + header.size, count: header.bodySize)
        )
    }
}

extension Message {
    /// The size of this message on a ZMTP 3.x wire, headers included.
    @inlinable package var wireSize: Int {
        var size = end &- start
        if !chunk.pieces.isEmpty { for piece in chunk.pieces { size &+= piece.count } }
        return size
    }

    /// Whether all frames are contiguous in memory.
    @inlinable package var isContiguous: Bool { chunk.pieces.isEmpty }

    /// The wire form as slices, to be concatenated.
    package var slices: [Chunk.Slice] { [Chunk.Slice(chunk: chunk, start: start, end: end)] + chunk.pieces }
}

extension Message: CustomStringConvertible {
    /// The frames in brackets, each as text if it is printable and otherwise in hexadecimal.
    public var description: String { "[" + map(\.description).joined(separator: ", ") + "]" }
}

extension Message: Hashable {
    /// Messages are equal when their frames are equal.
    public static func == (left: Message, right: Message) -> Bool { left.elementsEqual(right) }
    public func hash(into hasher: inout Hasher) { for frame in self { hasher.combine(frame) } }

    /// Whether the message is one frame of exactly the text's UTF-8 bytes.
    public static func == (left: Message, right: some StringProtocol) -> Bool { left.count == 1 && left[0] == right }
}
