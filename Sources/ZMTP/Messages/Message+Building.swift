extension Message {
    /// A message of one empty frame, used as a signal.
    public init() { self.init(copying: UnsafeRawBufferPointer(start: nil, count: 0)) }

    /// A message of one frame with a copy of the text's UTF-8 bytes, without a terminating zero.
    public init(_ string: some StringProtocol) {
        var string = String(string)
        self = string.withUTF8 { Message(copying: UnsafeRawBufferPointer($0)) }
    }

    /// A message of one frame with a copy of the bytes.
    public init(_ bytes: some Sequence<UInt8>) {
        if let message = bytes.withContiguousStorageIfAvailable({ Message(copying: UnsafeRawBufferPointer($0)) }) {
            self = message
        } else {
            self = Array(bytes).withUnsafeBytes { Message(copying: $0) }
        }
    }

    /// A message of one frame with a copy of the bytes.
    public init(_ bytes: RawSpan) {
        self = bytes.withUnsafeBytes { Message(copying: $0) }
    }

    /// A message of one frame of `byteCount` bytes, which `initialize` fills in place.
    ///
    /// - Parameter initialize: must write every byte.
    public init<E: Error>(
        byteCount: Int,
        initializingWith initialize: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        let header = FrameHeader.size(forBody: byteCount)
        let chunk = Chunk(capacity: header + byteCount)
        FrameHeader.write(bodySize: byteCount, to: chunk.base)
        try initialize(UnsafeMutableRawBufferPointer(start: chunk.base + header, count: byteCount))
        self.init(chunk: chunk, start: 0, end: header + byteCount, frameCount: 1)
    }

    /// A message of one frame with a copy of the bytes.
    package init(copying bytes: UnsafeRawBufferPointer) {
        self.init(byteCount: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// A message of one frame that borrows the caller's bytes: nothing is copied, and `release` is called exactly once.
    ///
    /// See ``Frame/init(lending:release:)``.
    public init(lending bytes: UnsafeRawBufferPointer, release: @escaping @Sendable () -> Void) {
        self.init(frames: CollectionOfOne(Frame(lending: bytes, release: release)))
    }

    /// A message of the given frames.
    ///
    /// Small frames are copied next to each other; large ones (from about 8 KiB) are shared.
    ///
    /// - Precondition: there is at least one frame. A message without frames cannot be sent.
    public init(frames: some Collection<Frame>) {
        precondition(!frames.isEmpty, "a message has at least one frame; for an empty signal use Message()")
        var builder = MessageBuilder()
        for frame in frames { builder.append(frame) }
        self = builder.message()
    }

    /// The frames of another message in contiguous memory.
    init(contiguous other: Message) {
        let chunk = Chunk(capacity: other.wireSize)
        other.write(to: chunk.base)
        self.init(chunk: chunk, start: 0, end: chunk.capacity, frameCount: other.frameCount)
    }

    /// Copies the wire form, `wireSize` bytes, to `destination`.
    @inlinable
    package func write(to destination: UnsafeMutableRawPointer) {
        destination.copyMemory(from: chunk.base + start, byteCount: end &- start)
        guard !isContiguous else { return }
        var offset = end &- start
        for piece in chunk.pieces {
            (destination + offset).copyMemory(from: piece.chunk.base + piece.start, byteCount: piece.count)
            offset += piece.count
        }
    }
}

extension Message: ExpressibleByStringInterpolation, ExpressibleByArrayLiteral {
    public init(stringLiteral text: String) { self.init(text) }

    /// A message of the given frames: `["topic", "body"]`.
    ///
    /// - Precondition: there is at least one frame.
    public init(arrayLiteral frames: Frame...) { self.init(frames: frames) }
}
