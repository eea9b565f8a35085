/// One frame of a message: any number of bytes, from zero up.
///
/// A frame is a slice of its message's memory: reading it copies nothing, and it stays valid and unchanged for as long
/// as it is kept. Keeping it keeps its chunk of memory (up to 64 KiB of neighbouring messages); use ``copy()`` to keep
/// a small frame for long.
///
/// Read it as ``string``, ``bytes``, ``integer(as:)``, or as a collection of `UInt8`.
public struct Frame: Sendable {
    @usableFromInline package let slice: Chunk.Slice

    @inlinable
    package init(_ slice: Chunk.Slice) { self.slice = slice }

    /// The number of bytes.
    @inlinable public var count: Int { slice.count }

    /// Whether there are no bytes, as in the delimiter of a request envelope.
    @inlinable public var isEmpty: Bool { slice.count == 0 }

    /// The bytes, in place.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = RawSpan(_unsafeBytes: slice.bytes)
            return _overrideLifetime(span, borrowing: self)
        }
    }

    /// Calls `body` with the bytes, in place. The pointer is valid during the call only.
    @inlinable
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(slice.chunk) {} }
        return try body(slice.bytes)
    }

    /// The bytes as text; bytes that are not UTF-8 become U+FFFD.
    public var string: String { String(decoding: slice.bytes, as: UTF8.self) }

    /// The text as a decimal number, ignoring surrounding blanks; nil if it is not a number.
    ///
    /// For numbers that travel as text, as in "10001 -12 48". For binary numbers see ``integer(as:)``.
    public var decimal: Int? {
        var text = Substring(string)
        text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return Int(text)
    }

    /// The bytes as a binary integer in network byte order; nil unless their number is the size of `T`.
    @inlinable
    public func integer<T: FixedWidthInteger>(as type: T.Type = T.self) -> T? {
        guard count == MemoryLayout<T>.size else { return nil }
        return withUnsafeBytes { T(bigEndian: $0.loadUnaligned(as: T.self)) }
    }

    /// Copies as many bytes as fit in `buffer`, and returns the frame's size, which is larger when bytes were left out.
    @discardableResult
    public func copyBytes(to buffer: UnsafeMutableRawBufferPointer) -> Int {
        withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(buffer.count))) }
        return count
    }

    /// A copy in memory of its own, so that nothing else is kept alive.
    public func copy() -> Frame { Frame(copying: slice.bytes) }
}

extension Frame {
    /// A frame with a copy of `bytes`.
    package init(copying bytes: UnsafeRawBufferPointer) {
        let chunk = Chunk(capacity: Swift.max(bytes.count, 1))
        if let source = bytes.baseAddress { chunk.base.copyMemory(from: source, byteCount: bytes.count) }
        self.init(Chunk.Slice(chunk: chunk, start: 0, end: bytes.count))
    }

    /// An empty frame.
    public init() { self.init(copying: UnsafeRawBufferPointer(start: nil, count: 0)) }

    /// A frame with a copy of the text's UTF-8 bytes, without a terminating zero.
    public init(_ string: some StringProtocol) {
        var string = String(string)
        self = string.withUTF8 { Frame(copying: UnsafeRawBufferPointer($0)) }
    }

    /// A frame with a copy of the bytes.
    public init(_ bytes: some Sequence<UInt8>) {
        if let frame = bytes.withContiguousStorageIfAvailable({ Frame(copying: UnsafeRawBufferPointer($0)) }) {
            self = frame
        } else {
            self = Array(bytes).withUnsafeBytes { Frame(copying: $0) }
        }
    }

    /// A frame with a copy of the bytes.
    public init(_ bytes: RawSpan) {
        self = bytes.withUnsafeBytes { Frame(copying: $0) }
    }

    /// A frame with a binary integer in network byte order.
    public init<T: FixedWidthInteger>(integer: T) {
        self = Swift.withUnsafeBytes(of: integer.bigEndian) { Frame(copying: $0) }
    }

    /// A frame that borrows the caller's bytes: nothing is copied, and `release` is called exactly once, when the last
    /// byte has been sent or every message with this frame is gone, on any thread.
    ///
    /// Useful for large payloads only (from about 8 KiB); smaller ones are copied for sending anyway.
    ///
    /// - Parameters:
    ///   - bytes: must stay valid and unchanged until `release` is called.
    ///   - release: returns the bytes to the caller.
    public init(lending bytes: UnsafeRawBufferPointer, release: @escaping @Sendable () -> Void) {
        let chunk = Chunk(lent: bytes, release: release)
        self.init(Chunk.Slice(chunk: chunk, start: 0, end: bytes.count))
    }
}

extension Frame: RandomAccessCollection {
    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { slice.count }
    @inlinable public subscript(position: Int) -> UInt8 {
        precondition(position >= 0 && position < slice.count, "frame index \(position) is not in 0..<\(slice.count)")
        return (slice.chunk.base + slice.start).load(fromByteOffset: position, as: UInt8.self)
    }
    @inlinable
    public func withContiguousStorageIfAvailable<R>(_ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R? {
        defer { withExtendedLifetime(slice.chunk) {} }
        return try slice.bytes.withMemoryRebound(to: UInt8.self) { try body($0) }
    }
}

extension Frame: Hashable {
    public static func == (left: Frame, right: Frame) -> Bool {
        guard left.count == right.count else { return false }
        return left.withUnsafeBytes { left in right.withUnsafeBytes { left.hasSameBytes(as: $0) } }
    }
    public func hash(into hasher: inout Hasher) { hasher.combine(bytes: slice.bytes) }

    /// Whether the frame consists of exactly the text's UTF-8 bytes.
    public static func == (left: Frame, right: some StringProtocol) -> Bool { left.elementsEqual(right.utf8) }
}

extension Frame: ExpressibleByStringInterpolation, ExpressibleByArrayLiteral {
    public init(stringLiteral text: String) { self.init(text) }
    public init(arrayLiteral bytes: UInt8...) { self.init(bytes) }
}

extension Frame: CustomStringConvertible {
    /// The text if all bytes are printable, otherwise hexadecimal digits.
    public var description: String {
        if allSatisfy({ $0 >= 32 && $0 < 127 }) { return string }
        return map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension UnsafeRawBufferPointer {
    /// Compares with a buffer of the same size, eight bytes at a time.
    fileprivate func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset &+ 8 <= count {
            let (mine, others) = (
                loadUnaligned(fromByteOffset: offset, as: UInt64.self),
                other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            )
            guard mine == others else { return false }
            offset &+= 8
        }
        while offset < count {
            guard self[offset] == other[offset] else { return false }
            offset &+= 1
        }
        return true
    }
}
