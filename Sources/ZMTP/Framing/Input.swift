/// The bytes a connection has received and not handed on yet, in a buffer the connection owns.
///
/// The engine looks at them where they are. It moves `start` forward over what is done with; what is left has to be
/// presented again, at the same or another address, with more bytes behind it. When a peer put a command between the
/// frames of one message, the engine closes the gap by moving the bytes behind it down, and `end` with them.
package struct Input {
    /// Where offset 0 is.
    package var base: UnsafeMutableRawPointer
    /// The offset of the first byte that still matters.
    package var start: Int
    /// The offset behind the last received byte: the next read goes here.
    package var end: Int

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
