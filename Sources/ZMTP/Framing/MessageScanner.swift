// Finds the messages in received bytes, in place.
//
//   F-5    A message over the local maximum, of bytes or of frames, is an error, known as soon as a header says so.
//   F-6    Only whole messages come out.
//   DEV-33 Commands may stand between the frames of one message. A message still comes out in one piece: the frames
//          behind the command are moved down over it.
//
// Nothing is looked at or moved twice: `scanned` and `gap` describe the message under way, counted from `Input.start`,
// and outlive the call.
//
//     start          + scanned    + gap               end
//     | whole frames | dead bytes | not looked at yet |
//
// A gap opens only behind whole frames of an unfinished message, stays open while whole frames and commands follow, and
// is closed when the message ends or when more bytes are needed. What moves then is one unfinished frame, behind which
// no gap can open before it is whole: a peer cannot make the same bytes move again and again.

/// The state of scanning between two reads.
struct MessageScanner: ~Copyable {
    /// Why a scan came to an end.
    enum Stop {
        /// A run of `count` whole messages from `start` to `end`.
        case messages(start: Int, end: Int, count: Int)
        /// A whole command frame stands next, at offset `at`.
        case command(at: Int, FrameHeader)
        /// The next frame is whole when `minimum` bytes are there from the start of the input.
        case needsInput(minimum: Int)
    }

    /// Bytes of the message under way that are known to be whole frames.
    var scanned = 0
    /// Dead bytes behind them, left by commands.
    var gap = 0
    /// What the bodies of those frames add up to; never over `maxBodies`.
    var bodies = 0
    /// The number of those frames, while there are any.
    var frames = 0

    /// Whether bytes of the message under way may have been moved.
    var hasMoved = false

    /// Whether there are commands at all: not in 2.0.
    var takesCommands = true

    let maxBodies: Int
    /// The most frames that another one follows. An empty frame takes at least two bytes: the limit of bytes is one of frames, too.
    let maxFrames: Int
    let maxCommand: Int

    #if DEBUG
        /// Frames looked at plus bytes moved, for tests of the amount of work.
        var work = 0
        /// Bytes moved.
        var moved = 0
    #endif

    /// A scanner that refuses larger messages and commands than these.
    init(maxMessageSize: Int, maxFrames: Int, maxCommandSize: Int) {
        maxBodies = maxMessageSize
        self.maxFrames = Self.limitOfFrames(maxFrames, maxMessageSize: maxMessageSize)
        maxCommand = max(maxMessageSize, maxCommandSize)
    }

    /// The most frames that another one follows in a message.
    static func limitOfFrames(_ maxFrames: Int, maxMessageSize: Int) -> Int {
        min(maxFrames - 1, maxMessageSize.addingSaturated(65_536) / FrameHeader.shortSize)
    }

    /// Why a message is refused that has more frames than `limitOfFrames` allows, in which the smaller limit stands.
    static func tooManyFrames(_ limit: Int, maxMessageSize: Int) -> ProtocolError {
        limit < limitOfFrames(.max, maxMessageSize: maxMessageSize)
            ? .tooManyFrames(limit: limit + 1) : .messageTooLarge(limit: maxMessageSize)
    }

    /// Scans on from where the last call stopped, for at most `limit` messages.
    mutating func scan(_ input: inout Input, limit: Int) throws(ProtocolError) -> Stop {
        let base = UnsafeRawPointer(input.base)
        let start = input.start
        let end = input.end
        var first = start
        var read = start &+ scanned &+ gap
        var bodies = bodies
        var frames = frames
        var count = 0

        // Only whole, legal message frames keep the loop going; whatever else there is `explain` looks into.
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
                // Nothing of the message stands before its first frame.
                let counted = read == first ? 1 : frames &+ 1
                guard counted <= maxFrames else { break }
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
                // The bytes behind the gap do not continue this run.
                if gap != 0 { return finish(at: read, &input) }
                first = read
            }
        }

        self.bodies = bodies
        self.frames = frames
        scanned = read &- first &- gap
        guard count > 0 else { return try explain(&input) }
        input.start = first
        return .messages(start: start, end: first, count: count)
    }

    /// Hands out the message that was put together over a gap.
    private mutating func finish(at read: Int, _ input: inout Input) -> Stop {
        let message = (start: input.start, end: read - gap)
        scanned = 0
        gap = 0
        bodies = 0
        input.start = read
        return .messages(start: message.start, end: message.end, count: 1)
    }
}
