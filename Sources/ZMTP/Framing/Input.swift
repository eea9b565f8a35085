/// The bytes that a connection has received and not consumed, in a buffer that the connection owns.
///
/// The engine parses them in place. It advances `start` past consumed bytes; the rest must be presented again, at the
/// same or another address, with more bytes behind it. When a peer sends a command between the frames of a message, the
/// engine closes the gap by moving the bytes behind it down, and `end` with them.
@usableFromInline
package struct Input {
    /// The address of offset 0.
    @usableFromInline package var base: UnsafeMutableRawPointer
    /// The offset of the first byte that is not consumed.
    @usableFromInline package var start: Int
    /// The offset behind the last received byte, where the next read goes.
    @usableFromInline package var end: Int

    /// Describes the bytes from `start` to `end`, counted from `base`.
    @inlinable @inline(__always)
    package init(base: UnsafeMutableRawPointer, start: Int = 0, end: Int) {
        self.base = base
        self.start = start
        self.end = end
    }

    /// The number of bytes.
    @inlinable
    package var count: Int { end - start }
}
