// Finds the messages in received bytes, in place.
//
//   F-5    A message over the local maximum, of bytes or of frames, is an error as soon as a header exceeds it.
//   F-6    Only complete messages are delivered.
//   DEV-33 Commands may stand between the frames of a message. The message is still delivered in one piece: the frames
//          behind the command are moved down over it.
//
// Nothing is scanned or moved twice: `scanned` and `gap` describe the current message, counted from `Input.start`, and
// persist between calls.
//
//     start          + scanned    + gap               end
//     | whole frames | dead bytes | not scanned yet |
//
// A gap opens only behind complete frames of an unfinished message, stays open while complete frames and commands
// follow, and is closed when the message ends or when more bytes are needed. Only one unfinished frame is moved then,
// and no gap can open behind it before it is complete: a peer cannot make the same bytes move again and again.

/// The state of the scan between two reads.
struct MessageScanner: ~Copyable {
    /// Why a scan stopped.
    enum Stop {
        /// `count` complete messages from `start` to `end`.
        case messages(start: Int, end: Int, count: Int)
        /// A complete command frame is next, at offset `at`.
        case command(at: Int, FrameHeader)
        /// The next frame is complete when `minimum` bytes are there, counted from the start of the input.
        case needsInput(minimum: Int)
        /// `framesAtOnce` frames have been scanned, and no message is complete.
        case part
    }

    /// The most frames with MORE in one call: a read of empty frames has many thousands.
    static let framesAtOnce = 2048

    /// Bytes of the current message that are known to be complete frames.
    var scanned = 0
    /// Dead bytes behind them, left by commands.
    var gap = 0
    /// The sum of the bodies of those frames; never over `maxBodies`.
    var bodies = 0
    /// The number of those frames, while there are any.
    var frames = 0

    /// Whether bytes of the current message may have been moved.
    var hasMoved = false

    /// Whether the version has commands: 2.0 has none.
    var takesCommands = true

    let maxBodies: Int
    /// The most frames that another one may follow. An empty frame takes at least two bytes, so the byte limit also
    /// limits the frames.
    let maxFrames: Int
    let maxCommand: Int

    #if DEBUG
        /// Frames scanned plus bytes moved. For tests of the amount of work.
        var work = 0
        /// Bytes moved.
        var moved = 0
    #endif

    /// A scanner that rejects messages and commands above these sizes.
    init(maxMessageSize: Int, maxFrames: Int, maxCommandSize: Int) {
        maxBodies = maxMessageSize
        self.maxFrames = Self.limitOfFrames(maxFrames, maxMessageSize: maxMessageSize)
        maxCommand = max(maxMessageSize, maxCommandSize)
    }

    /// The most frames of a message that another one may follow.
    static func limitOfFrames(_ maxFrames: Int, maxMessageSize: Int) -> Int {
        min(maxFrames - 1, maxMessageSize.addingSaturated(65_536) / FrameHeader.shortSize)
    }

    /// The error for a message with more frames than `limitOfFrames` allows. It names the smaller limit.
    static func tooManyFrames(_ limit: Int, maxMessageSize: Int) -> ProtocolError {
        limit < limitOfFrames(.max, maxMessageSize: maxMessageSize)
            ? .tooManyFrames(limit: limit + 1) : .messageTooLarge(limit: maxMessageSize)
    }

    /// Continues where the last call stopped, for at most `limit` messages.
    mutating func scan(_ input: inout Input, limit: Int) throws(ProtocolError) -> Stop {
        let base = UnsafeRawPointer(input.base)
        let start = input.start
        let end = input.end
        var first = start
        var read = start &+ scanned &+ gap
        var bodies = bodies
        var frames = frames
        var count = 0
        var left = Self.framesAtOnce

        // Only complete, legal message frames continue the loop; `explain` handles the rest.
        while count < limit, end &- read >= FrameHeader.shortSize {
            let flags = base.load(fromByteOffset: read, as: UInt8.self)
            var headerSize = FrameHeader.shortSize
            var bodySize = UInt(base.load(fromByteOffset: read &+ 1, as: UInt8.self))
            if flags > 1 {
                guard flags <= 3, end &- read >= FrameHeader.longSize else { break }
                headerSize = FrameHeader.longSize
                bodySize = UInt(bigEndian: base.loadUnaligned(fromByteOffset: read &+ 1, as: UInt.self))
            }
            guard bodySize <= UInt(bitPattern: maxBodies &- bodies),
                Int(bitPattern: bodySize) <= end &- read &- headerSize
            else { break }
            let frameSize = headerSize &+ Int(bitPattern: bodySize)
            if flags & 1 != 0 {
                // Before its first frame the message has no counts.
                let counted = read == first ? 1 : frames &+ 1
                guard counted <= maxFrames, left > 0 else { break }
                left &-= 1
                frames = counted
                bodies &+= Int(bitPattern: bodySize)
            }
            if gap != 0 { move(frameSize, from: read, by: gap, in: base) }
            read &+= frameSize
            #if DEBUG
                work += 1
            #endif
            if flags & 1 == 0 {
                count &+= 1
                bodies = 0
                // The bytes behind the gap are not contiguous with these messages.
                if gap != 0 { return finish(at: read, &input) }
                first = read
            }
        }

        self.bodies = bodies
        self.frames = frames
        scanned = read &- first &- gap
        guard count > 0 else { return left > 0 ? try explain(&input) : .part }
        input.start = first
        return .messages(start: start, end: first, count: count)
    }

    /// Delivers the message that was assembled over a gap.
    private mutating func finish(at read: Int, _ input: inout Input) -> Stop {
        let message = (start: input.start, end: read - gap)
        scanned = 0
        gap = 0
        bodies = 0
        input.start = read
        return .messages(start: message.start, end: message.end, count: 1)
    }
}
