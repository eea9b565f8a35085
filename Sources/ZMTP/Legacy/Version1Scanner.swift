// Finds the messages in a 1.0 peer's bytes, and converts them to 3.x messages in place.
//
// A 3.x header is as long as one of 1.0, or shorter; it is written directly in front of the body once the frame is
// complete. The bytes in front of it are dead. Between the frames of a message they form a gap, over which the
// following frames are moved down. At most one byte is moved for each that arrives: those of a frame when it is
// complete, and those of a partial frame for as many dead bytes.
//
//     start                      + scanned    + gap               end
//     | whole frames, now of 3.x | dead bytes | not scanned yet |
//
//   F-5    A message over the local maximum, of bytes or of frames, is an error as soon as a header exceeds it.
//   F-6    Only complete messages are delivered.
//   DEV-4  A length of 0 is skipped, as the RFC says.

/// The state of the scan between two reads.
struct Version1Scanner {
    private var scanned = 0
    private var gap = 0
    /// The sum of the bodies in `scanned`.
    private var bodies = 0

    #if DEBUG
        /// Bytes moved, for tests of the amount of work.
        private(set) var moved = 0
    #endif

    private let maxBodies: Int
    /// The frames in `scanned`, and their limit: see `MessageScanner`.
    private var frames = 0
    private let maxFrames: Int

    /// Whether bytes of the current message have been moved.
    private(set) var hasMoved = false

    /// A scanner that rejects larger messages.
    init(maxMessageSize: Int, maxFrames: Int) {
        maxBodies = maxMessageSize
        self.maxFrames = MessageScanner.limitOfFrames(maxFrames, maxMessageSize: maxMessageSize)
    }

    /// The next message, or the number of missing bytes.
    mutating func next(_ input: inout Input) throws(ProtocolError) -> Event {
        while true {
            let at = input.start + scanned + gap
            let available = input.end - at
            switch try Version1Header.decode(UnsafeRawPointer(input.base) + at, available: available) {
            case .needs(let size):
                return wait(for: size, &input)
            case .nothing:
                skip(1, &input)
            case .header(let header):
                guard header.bodySize <= maxBodies - bodies else { throw .messageTooLarge(limit: maxBodies) }
                guard !header.hasMore || frames < maxFrames else {
                    throw MessageScanner.tooManyFrames(maxFrames, maxMessageSize: maxBodies)
                }
                guard header.bodySize <= available - header.size else {
                    return wait(for: header.size.addingSaturated(header.bodySize), &input)
                }
                if let message = take(header, &input) { return message }
            }
        }
    }

    /// Rewrites the complete frame that is next; returns the message that ends with it.
    private mutating func take(_ old: Version1Header, _ input: inout Input) -> Event? {
        let header = FrameHeader(flags: old.hasMore ? FrameHeader.more : 0, bodySize: old.bodySize)
        skip(old.size - header.size, &input)
        let at = input.start + scanned + gap
        header.write(to: input.base + at)
        if gap > 0 { move(header.frameSize, from: at, in: input) }
        scanned += header.frameSize
        bodies += header.bodySize
        frames += 1
        guard !header.hasMore else { return nil }
        let message = (start: input.start, end: input.start + scanned)
        input.start = message.end + gap
        (scanned, gap, bodies, frames) = (0, 0, 0, 0)
        hasMoved = false
        return .messages(start: message.start, end: message.end, count: 1)
    }

    private mutating func skip(_ count: Int, _ input: inout Input) {
        if scanned == 0 { input.start += count } else { gap += count }
    }

    /// Closes the gap when it is as large as the bytes behind it, so that dead bytes do not accumulate. A smaller gap
    /// stays: the bytes behind it move once, when their frame is complete.
    private mutating func wait(for size: Int, _ input: inout Input) -> Event {
        let at = input.start + scanned + gap
        if gap > 0, gap >= input.end - at {
            move(input.end - at, from: at, in: input)
            input.end -= gap
            gap = 0
        }
        return .needsInput(minimum: (scanned + gap).addingSaturated(size))
    }

    /// Moves `count` bytes down over the gap.
    private mutating func move(_ count: Int, from offset: Int, in input: Input) {
        hasMoved = true
        (input.base + (offset - gap)).copyMemory(from: input.base + offset, byteCount: count)
        #if DEBUG
            moved += count
        #endif
    }
}
