// Frames that a transform has opened in place: they lie at the front of the input, as frames of ZMTP 3.x, for the
// scanner to find messages in.
//
//     start          + count        + gap               end
//     | opened frames | dead bytes  | not opened yet   |
//
// An opened frame is shorter than it was, so that dead bytes lie in front of it. The first one stays where it is; the
// ones behind it are moved down, to be contiguous with it. At most two bytes are moved for each that arrives: those of
// a frame when it is opened, and those of a partial frame for as many dead bytes.

/// The opened part of the input.
package struct OpenedInput {
    /// The result of opening a frame.
    enum Step {
        /// The frame needs this many bytes.
        case needs(Int)
        /// A frame has been opened; whether another one of its message follows.
        case opened(hasMore: Bool)
        /// Bytes have been consumed that stand for nothing.
        case skipped
        /// The frame is opened once those before it have been consumed, so that it need not be moved.
        case waits
    }

    /// The most frames of one call that complete nothing: a read of small ones has many thousands.
    static let stepsAtOnce = 64

    /// A frame larger than this, at the start of a message, is not moved.
    static let moved = 4096

    /// Bytes of opened frames, from the start of the input.
    private(set) var count = 0
    /// Dead bytes behind them.
    private var gap = 0

    /// The sum of the bodies of the unfinished message's frames, and their number.
    private(set) var bodies = 0
    private(set) var frames = 0

    /// What is wrong with the first frame that has not been opened.
    var fault: ProtocolError?

    /// The number of messages and commands that have been opened last.
    var portion = 0
    /// The number of frames beside them that have been opened or skipped last.
    var steps = 0

    /// Whether bytes of the unfinished message have been moved.
    private(set) var hasMoved = false

    #if DEBUG
        /// Bytes moved, for tests of the amount of work.
        private(set) var moves = 0
    #endif

    /// The offset of the first byte that has not been opened.
    func next(_ input: Input) -> Int { input.start + count + gap }

    /// The opened frames, for the scanner.
    func window(_ input: Input) -> Input { Input(base: input.base, start: input.start, end: input.start + count) }

    /// Adopts what the scanner has left of them.
    mutating func consume(to window: Input, _ input: inout Input) {
        let end = input.start + count
        // Bytes that the scanner has dropped at the end are dead.
        gap += end - window.end
        input.start = window.start
        count = window.end - window.start
        skipGapIfEmpty(&input)
    }

    private mutating func skipGapIfEmpty(_ input: inout Input) {
        guard count == 0 else { return }
        input.start += gap
        gap = 0
        hasMoved = false
    }

    /// Whether a frame whose body has `size` bytes, and has to be moved by `distance`, is opened now.
    func takes(_ size: Int, movedBy distance: Int) -> Bool {
        count == 0 || frames > 0 || distance == 0 || size <= Self.moved
    }

    /// By how many bytes the body at offset `body` would be moved, of a frame of `size` bytes.
    func distance(of body: Int, size: Int, _ input: Input) -> Int {
        count == 0 ? 0 : body - (input.start + count + FrameHeader.size(forBody: size))
    }

    /// Drops `size` bytes that stand for nothing.
    mutating func skip(_ size: Int, _ input: inout Input) {
        gap += size
        skipGapIfEmpty(&input)
    }

    /// Appends a frame whose body of `size` bytes lies at offset `body`, and ends its raw form.
    ///
    /// The raw header in front of the body must have room for the new one.
    mutating func append(flags: UInt8, body: Int, size: Int, _ input: inout Input) {
        let headerSize = FrameHeader.size(forBody: size)
        if count == 0 {
            input.start = body - headerSize
            gap = 0
        } else {
            let target = input.start + count + headerSize
            if target < body, size > 0 { move(size, from: body, to: target, input) }
            gap = body - target
        }
        FrameHeader.write(flags: flags, bodySize: size, to: input.base + input.start + count)
        count += headerSize + size
        guard flags & FrameHeader.command == 0 else { return }
        guard flags & FrameHeader.more != 0 else { return (bodies, frames) = (0, 0) }
        bodies += size
        frames += 1
    }

    /// How many bytes the input must have for the next frame to have `size`. Closes the gap when it is as large as the
    /// bytes behind it, so that dead bytes do not accumulate.
    mutating func wait(for size: Int, _ input: inout Input) -> Int {
        let rest = input.end - next(input)
        if gap > 0, gap >= rest {
            if rest > 0 { move(rest, from: next(input), to: input.start + count, input) }
            input.end -= gap
            gap = 0
        }
        return (count + gap).addingSaturated(size)
    }

    /// Moves `size` bytes down.
    private mutating func move(_ size: Int, from source: Int, to target: Int, _ input: Input) {
        hasMoved = true
        (input.base + target).copyMemory(from: input.base + source, byteCount: size)
        #if DEBUG
            moves += size
        #endif
    }
}
