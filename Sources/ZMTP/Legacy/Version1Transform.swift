// Messages to and from a 1.0 peer: frames of 1.0 on the wire, of 3.x in memory.
//
// A 3.x header is as long as one of 1.0, or shorter; it is written directly in front of the body once the frame is
// complete. Only frames of more than 253 bytes leave dead bytes behind.
//
//   F-5    A message over the local maximum, of bytes or of frames, is an error as soon as a header exceeds it.
//   DEV-4  A length of 0 is skipped, as the RFC says.

/// The transform for a 1.0 peer. Nothing of it is state but the message being sealed.
final class Version1Transform: MessageTransform {
    private var pieces = FramePieces()
    private let maxBodies: Int
    /// The most frames that another one may follow: see `MessageScanner`.
    private let maxFrames: Int

    init(_ limits: MessageLimits) {
        maxBodies = limits.messageBytes
        maxFrames = MessageScanner.limitOfFrames(limits.frames, maxMessageSize: limits.messageBytes)
    }

    /// Subscriptions are encoded for 1.0 from the start, and 1.0 has no commands.
    var sealsCommands: Bool { false }

    func restart() { pieces = FramePieces() }

    func seal(
        _ piece: UnsafeRawBufferPointer,
        to output: inout [UInt8],
        limit: Int,
        endOfMessage: (_ end: Int, _ size: Int) -> Void
    ) -> Bool {
        pieces.append(piece, to: &output, limit: limit, endOfMessage: endOfMessage) { header, body, output in
            Version1Header(hasMore: header.hasMore, bodySize: header.bodySize).append(to: &output)
            output.append(contentsOf: body)
        }
    }

    func open(_ input: inout Input, _ opened: inout OpenedInput, limit: Int) throws(ProtocolError) -> Int? {
        try openEach(&input, &opened, limit: limit) { input, opened throws(ProtocolError) in
            try openNext(&input, &opened)
        }
    }

    private func openNext(
        _ input: inout Input,
        _ opened: inout OpenedInput
    ) throws(ProtocolError) -> OpenedInput.Step {
        let at = opened.next(input)
        let available = input.end - at
        let header: Version1Header
        switch try Version1Header.decode(UnsafeRawPointer(input.base) + at, available: available) {
        case .needs(let size): return .needs(size)
        case .nothing:
            opened.skip(1, &input)
            return .skipped
        case .header(let whole): header = whole
        }
        guard header.bodySize <= maxBodies - opened.bodies else { throw .messageTooLarge(limit: maxBodies) }
        guard !header.hasMore || opened.frames < maxFrames else {
            throw MessageScanner.tooManyFrames(maxFrames, maxMessageSize: maxBodies)
        }
        guard header.bodySize <= available - header.size else {
            return .needs(header.size.addingSaturated(header.bodySize))
        }
        let (body, size) = (at + header.size, header.bodySize)
        guard opened.takes(size, movedBy: opened.distance(of: body, size: size, input)) else { return .waits }
        opened.append(flags: header.hasMore ? FrameHeader.more : 0, body: body, size: size, &input)
        return .opened(hasMore: header.hasMore)
    }
}
