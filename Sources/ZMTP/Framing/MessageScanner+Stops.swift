// What follows where the scan stopped.

extension MessageScanner {
    /// Classifies the bytes behind `scanned` and `gap`, which are not a complete message frame.
    @inline(never)
    mutating func explain(_ input: inout Input) throws(ProtocolError) -> Stop {
        let at = next(input)
        let available = input.end - at
        let header: FrameHeader
        switch try FrameHeader.decode(UnsafeRawPointer(input.base) + at, available: available) {
        case .needs(let size): return wait(for: size, &input)
        case .header(let whole): header = whole
        }
        if header.isCommand {
            guard takesCommands else { throw .illegalFlags(header.flags) }
            guard header.bodySize <= maxCommand else { throw .commandTooLarge(header.bodySize, limit: maxCommand) }
            if header.bodySize <= available - header.size { return .command(at: at, header) }
        } else if header.bodySize > maxBodies - bodies {
            throw .messageTooLarge(limit: maxBodies)
        } else if header.hasMore, (scanned == 0 ? 0 : frames) >= maxFrames {
            throw Self.tooManyFrames(maxFrames, maxMessageSize: maxBodies)
        }
        return wait(for: header.size.addingSaturated(header.bodySize), &input)
    }

    /// Drops the complete command frame at which `scan` stopped.
    mutating func skip(_ header: FrameHeader, _ input: inout Input) {
        if scanned == 0 {
            input.start += header.frameSize
        } else {
            gap += header.frameSize
        }
    }

    /// The offset of the first byte that has not been scanned.
    func next(_ input: Input) -> Int { input.start + scanned + gap }

    /// Whether the next frame is a command, as far as it has arrived.
    func isCommandNext(_ input: Input) -> Bool {
        let at = next(input)
        return at < input.end && input.base.load(fromByteOffset: at, as: UInt8.self) & FrameHeader.command != 0
    }

    /// Closes the gap, so that the next read continues the message.
    private mutating func wait(for size: Int, _ input: inout Input) -> Stop {
        if scanned == 0 { hasMoved = false }
        if gap > 0 {
            let read = next(input)
            move(input.end - read, from: read, by: gap, in: UnsafeRawPointer(input.base))
            input.end -= gap
            gap = 0
        }
        return .needsInput(minimum: scanned.addingSaturated(size))
    }

    /// Moves `count` bytes down by `distance`.
    @inline(never)
    mutating func move(_ count: Int, from offset: Int, by distance: Int, in base: UnsafeRawPointer) {
        hasMoved = true
        let base = UnsafeMutableRawPointer(mutating: base)
        (base + (offset - distance)).copyMemory(from: base + offset, byteCount: count)
        #if DEBUG
            work += count
            moved += count
        #endif
    }
}

extension Int {
    /// The sum, or the largest value if that is too small: peers may claim sizes up to 2^63 - 1.
    func addingSaturated(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
