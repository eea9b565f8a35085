/// Puts frames together to a message: small ones are copied side by side, large ones stay where they are.
package struct MessageBuilder {
    private var frames: [Frame] = []

    package init() {}

    package var isEmpty: Bool { frames.isEmpty }

    package mutating func append(_ frame: Frame) { frames.append(frame) }

    /// The message of all frames appended so far.
    ///
    /// - Precondition: there is at least one.
    package func message() -> Message {
        // The bytes of our own are headers and small bodies; each large body cuts them in two.
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
        // What stands in front of the pieces has a chunk of its own, which refers to them.
        let head = Chunk(capacity: first.count, followedBy: Array(slices.dropFirst()))
        head.base.copyMemory(from: own.base, byteCount: first.count)
        return Message(chunk: head, start: 0, end: first.count, frameCount: frames.count)
    }
}
