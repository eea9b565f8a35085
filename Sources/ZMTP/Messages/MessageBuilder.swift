/// Builds a message from frames: small ones are copied next to each other, large ones are shared.
package struct MessageBuilder {
    private var frames: [Frame] = []

    package init() {}

    package var isEmpty: Bool { frames.isEmpty }

    package mutating func append(_ frame: Frame) { frames.append(frame) }

    /// The message of all frames appended so far.
    ///
    /// - Precondition: there is at least one.
    package func message() -> Message {
        // The builder's own bytes are headers and small bodies; each large body splits them.
        var ownSize = 0
        for frame in frames {
            ownSize += FrameHeader.size(forBody: frame.count)
            if frame.count <= Chunk.Size.copied { ownSize += frame.count }
        }
        let own = Chunk(capacity: ownSize)
        var (written, cut) = (0, 0)
        var slices: [Chunk.Slice] = []
        for (number, frame) in frames.enumerated() {
            let flags = number + 1 < frames.count ? FrameHeader.more : 0
            written += FrameHeader.write(flags: flags, bodySize: frame.count, to: own.base + written)
            if frame.count <= Chunk.Size.copied {
                frame.withUnsafeBytes { bytes in
                    guard let source = bytes.baseAddress else { return }
                    (own.base + written).copyMemory(from: source, byteCount: bytes.count)
                }
                written += frame.count
            } else {
                slices.append(Chunk.Slice(chunk: own, start: cut, end: written))
                slices.append(frame.slice)
                cut = written
            }
        }
        guard let first = slices.first else {
            return Message(chunk: own, start: 0, end: written, frameCount: frames.count)
        }
        if cut < written { slices.append(Chunk.Slice(chunk: own, start: cut, end: written)) }
        // The bytes before the pieces get a chunk of their own, which refers to the pieces.
        let head = Chunk(capacity: first.count, followedBy: Array(slices.dropFirst()))
        head.base.copyMemory(from: own.base, byteCount: first.count)
        return Message(chunk: head, start: 0, end: first.count, frameCount: frames.count)
    }
}
