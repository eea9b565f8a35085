import ZMTP

/// Messages on their way out, as the bytes that will travel.
///
/// Rules:
/// * The queue counts whole messages, exactly: one more when it is appended, one less when its last byte has been
///   released.
/// * Small messages are copied side by side into one open chunk; large ones are queued by reference.
/// * A message that has left in part stays whole until its last byte is gone, so that it can start again on the next
///   connection (`rewind`): the peer throws away what it has of it.
///
/// The queue is the hot path of sending. Appending a small message is a bounds check, a header and a copy.
struct OutboundQueue: ~Copyable {
    /// Messages that are accepted and have not left entirely.
    private(set) var count = 0

    /// Full batches, oldest first; the open batch stands behind them.
    private var batches = RingBuffer<MessageBatch>()
    private var runBytes = 0

    /// The chunk being filled: its messages from `openStart` to `cursor` are not in `runs`.
    private var open: Chunk?
    private var openStart = UnsafeMutableRawPointer(bitPattern: 16)!
    private var cursor = UnsafeMutableRawPointer(bitPattern: 16)!
    private var limit = UnsafeMutableRawPointer(bitPattern: 16)!
    private var openCount = 0
    /// Whether more than a small chunk was filled, the last time.
    private var isBusy = false

    /// Bytes of the first message that have left.
    private var sent = 0

    /// How far the frames of that message have been walked, for none to be walked again by the next write.
    private var walked = 0

    #if DEBUG
        /// Frames walked, for tests of the amount of work.
        private(set) var framesWalked = 0
    #endif

    /// The size of that message; 0 until it is computed.
    private var sizeOfSent = 0

    /// So many messages need no look at their bytes: set by the pipe, and 0 again when a chunk is full or something
    /// large is appended.
    var checkLevel = 0

    /// Whether there may be messages that are larger than `Self.smallMessage`, here or on their way to another thread.
    private(set) var hasLarge = false

    /// Whether much of what has left waits at the other end: sparse messages that are appended are copied. Set by the
    /// connection.
    var isReceiverSlow = false

    /// What is copied here is no larger, with its header.
    static var smallMessage: Int { Chunk.Size.copied + FrameHeader.longSize }

    private let pool: ChunkPool

    init(pool: ChunkPool) { self.pool = pool }

    /// Bytes that have not left.
    var byteCount: Int { runBytes &+ (cursor - openStart) &- sent }

    var isEmpty: Bool { byteCount == 0 }

    /// All that is in the queue.
    var held: Credit { Credit(messages: count, bytes: byteCount) }

    /// All is gone, from where it was handed to as well.
    mutating func forgetLarge() { hasLarge = false }

    /// Whether the next byte to leave is the first of a message.
    var isAtBoundary: Bool { sent == 0 }
}

// MARK: Appending

extension OutboundQueue {
    /// Appends a message of one frame.
    @inline(__always)
    mutating func append(_ frame: UnsafeRawBufferPointer) {
        let size = frame.count
        guard size <= Chunk.Size.copied, limit - cursor >= size &+ FrameHeader.longSize else {
            return appendSlowly(frame)
        }
        let body = cursor + FrameHeader.write(bodySize: size, to: cursor)
        if let source = frame.baseAddress { body.copyMemory(from: source, byteCount: size) }
        cursor = body + size
        openCount &+= 1
        count &+= 1
    }

    /// Appends a message, its bytes copied when they are few.
    @inline(__always)
    mutating func append(_ message: borrowing Message) {
        let size = message.wireSize
        guard size <= Chunk.Size.copied, limit - cursor >= size else { return appendSlowly(message) }
        message.write(to: cursor)
        cursor += size
        openCount &+= 1
        count &+= 1
    }

    /// Appends a message with frames in front of it, given as they travel.
    @inline(__always)
    mutating func append(prefix: UnsafeRawBufferPointer, frames: Int, _ message: borrowing Message) {
        let size = prefix.count &+ message.wireSize
        guard size <= Chunk.Size.copied else {
            return append(MessageBatch(Message(prefix: prefix, frames: frames, copy message)))
        }
        if limit - cursor < size { openNextChunk(for: size) }
        cursor.copyMemory(from: prefix.baseAddress!, byteCount: prefix.count)
        message.write(to: cursor + prefix.count)
        cursor += size
        openCount &+= 1
        count &+= 1
    }

    @inline(never)
    private mutating func appendSlowly(_ frame: UnsafeRawBufferPointer) {
        guard frame.count <= Chunk.Size.copied else { return append(MessageBatch(Message(copying: frame))) }
        openNextChunk(for: frame.count + FrameHeader.longSize)
        append(frame)
    }

    @inline(never)
    private mutating func appendSlowly(_ message: borrowing Message) {
        guard message.wireSize <= Chunk.Size.copied else { return append(MessageBatch(message)) }
        openNextChunk(for: message.wireSize)
        append(message)
    }

    /// Appends messages as they are: copied when they are few, which keeps what they were read into from being held for
    /// them, and by reference otherwise.
    mutating func append(moving batch: consuming MessageBatch) {
        let size = batch.byteCount
        guard size <= Chunk.Size.copied, batch.isInOnePiece else {
            if isLong, batch.isSparse { return append(batch.compacted) }
            return append(batch)
        }
        if limit - cursor < size { openNextChunk(for: size) }
        cursor.copyMemory(from: batch.chunk.base + batch.start, byteCount: size)
        cursor += size
        openCount &+= batch.count
        count &+= batch.count
    }

    /// Appends messages by reference. Large ones are copied when the queue is long and they would keep far more memory
    /// than they are.
    mutating func append(_ batch: consuming MessageBatch) {
        let size = batch.byteCount
        let isLarge = size > batch.count * Self.smallMessage
        // A copy is not sparse.
        if isLarge, isLong, batch.isSparse, case let copy = batch.compacted, !copy.isSparse { return append(copy) }
        closeOpenBatch()
        count += batch.count
        runBytes += size
        checkLevel = 0
        if isLarge { hasLarge = true }
        if !batches.isEmpty, batches[batches.count - 1].extend(with: batch) { return }
        batches.append(batch)
    }

    /// Whether messages wait so long that the memory they keep counts.
    private var isLong: Bool { isReceiverSlow || byteCount >= Chunk.Size.shared }

    /// The messages in the open chunk.
    private var openBatch: MessageBatch? {
        guard let open, cursor > openStart else { return nil }
        return MessageBatch(chunk: open, start: openStart - open.base, end: cursor - open.base, count: openCount)
    }

    private mutating func closeOpenBatch() {
        guard let batch = openBatch else { return }
        batches.append(batch)
        runBytes += batch.byteCount
        openStart = cursor
        openCount = 0
    }

    /// The first one is small, unless that was not enough the last time.
    private mutating func openNextChunk(for size: Int) {
        if open != nil {
            closeOpenBatch()
            isBusy = true
            checkLevel = 0
        }
        let chunk = isBusy || size > Chunk.Size.small ? pool.take() : pool.takeSmall()
        openStart = chunk.base
        cursor = chunk.base
        limit = chunk.base + chunk.capacity
        open = consume chunk
    }

    private mutating func forgetOpenChunk() {
        if let chunk = open.take() {
            isBusy = cursor - chunk.base > Chunk.Size.small
            pool.give(chunk)
        }
        cursor = openStart
        limit = openStart
        openCount = 0
    }
}

// MARK: Leaving

extension OutboundQueue {
    /// All unsent bytes, when they are in the open chunk and there are some.
    @inline(__always)
    var onlyPiece: UnsafeRawBufferPointer? {
        guard batches.isEmpty, cursor > openStart else { return nil }
        return UnsafeRawBufferPointer(start: openStart + sent, count: byteCount)
    }

    /// Calls `body` with the unsent bytes in order, a piece at a time, until it returns false.
    func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Bool) {
        var skip = sent
        func visit(_ piece: UnsafeRawBufferPointer) -> Bool {
            if skip >= piece.count {
                skip -= piece.count
                return true
            }
            defer { skip = 0 }
            return body(UnsafeRawBufferPointer(rebasing: piece[skip...]))
        }
        for number in 0..<batches.count {
            let batch = batches[number]
            guard visit(UnsafeRawBufferPointer(start: batch.chunk.base + batch.start, count: batch.end - batch.start))
            else {
                return
            }
            for piece in batch.chunk.pieces { guard visit(piece.bytes) else { return } }
        }
        if cursor > openStart { _ = visit(UnsafeRawBufferPointer(start: openStart, count: cursor - openStart)) }
    }

    /// Lets go of the first `byteCount` unsent bytes; returns how many messages have left with them.
    mutating func release(_ byteCount: Int) -> Int {
        let before = count
        if byteCount == self.byteCount {
            removeAll()
            return before
        }
        var left = sent + byteCount
        while !batches.isEmpty {
            guard left >= batches[0].byteCount else { return releasePart(left, countedFrom: before) }
            left -= batches[0].byteCount
            runBytes -= batches[0].byteCount
            count -= batches[0].count
            walked = 0
            giveBackFirstChunk()
        }
        let passed = wholeMessages(from: openStart, within: left)
        openStart += passed.bytes
        openCount -= passed.count
        count -= passed.count
        keepPart(left - passed.bytes, walked: passed.walked, isSameMessage: count == before)
        return before - count
    }

    /// Lets go of the first `left` bytes of the oldest batch, which is longer.
    private mutating func releasePart(_ left: Int, countedFrom before: Int) -> Int {
        let batch = batches[0]
        // A batch in several pieces is one message, and it has not left.
        let isWhole = batch.isInOnePiece
        let passed = wholeMessages(from: batch.chunk.base + batch.start, within: isWhole ? left : 0)
        batches[0].start += passed.bytes
        batches[0].count -= passed.count
        runBytes -= passed.bytes
        count -= passed.count
        keepPart(left - passed.bytes, walked: passed.walked, isSameMessage: count == before)
        return before - count
    }

    /// So much of the first message has left, and so far its frames have been walked.
    private mutating func keepPart(_ sent: Int, walked: Int, isSameMessage: Bool) {
        if !isSameMessage { sizeOfSent = 0 }
        (self.sent, self.walked) = (sent, walked)
    }

    private mutating func forgetSent() { (sent, walked, sizeOfSent) = (0, 0, 0) }

    /// The messages that lie entirely in the `size` bytes from `start` on, and how far the frames of the next one have
    /// been walked.
    private mutating func wholeMessages(
        from start: UnsafeMutableRawPointer,
        within size: Int
    ) -> (count: Int, bytes: Int, walked: Int) {
        var (count, bytes, position) = (0, 0, walked)
        while size - position >= FrameHeader.shortSize {
            let flags = start.load(fromByteOffset: position, as: UInt8.self)
            if flags & FrameHeader.long != 0, size - position < FrameHeader.longSize { break }
            let end = position + FrameHeader(trusted: start + position).frameSize
            guard end <= size else { break }
            position = end
            #if DEBUG
                framesWalked += 1
            #endif
            if flags & FrameHeader.more == 0 { (count, bytes) = (count + 1, position) }
        }
        return (count, bytes, position - bytes)
    }

    /// The bytes left of the message that has left in part; 0 at a boundary.
    var restOfMessage: Int {
        mutating get {
            guard sent > 0 else { return 0 }
            if sizeOfSent == 0 { sizeOfSent = firstMessageSize }
            return sizeOfSent - sent
        }
    }

    /// The size of the oldest message; there must be one.
    private var firstMessageSize: Int {
        var batch = batches.isEmpty ? openBatch! : batches[0]
        return batch.isInOnePiece ? batch.next()!.wireSize : batch.byteCount
    }

    /// Drops all but the newest message, and the one that has left in part; returns how many.
    mutating func keepLast() -> Int {
        let before = count
        if sent == 0 {
            while count > 1 { _ = release(firstMessageSize) }
        } else if count > 2 {
            let sent = sent
            var batches = takeBatches()
            append(MessageBatch(batches[0].next()!))
            var (last, newest) = (batches.removeLast(), nil as Message?)
            while let message = last.next() { newest = message }
            append(MessageBatch(newest!))
            self.sent = sent
        }
        return before - count
    }

    /// Forgets that part of a message has left, because the connection it left by is gone.
    mutating func rewind() { forgetSent() }

    /// Takes all messages out, oldest first; a message that has left in part is among them, whole.
    ///
    /// What is left of the open chunk goes on being filled.
    mutating func takeBatches(_ body: (MessageBatch) -> Void) {
        closeOpenBatch()
        runBytes = 0
        count = 0
        forgetSent()
        while let batch = batches.popFirst() { body(batch) }
    }

    /// Takes out the messages that have been appended to the open chunk, if they are all there are and begin at
    /// `start`; returns how many they are, and where they end.
    @inline(__always)
    mutating func takeGrowth(from start: UnsafeMutableRawPointer) -> (count: Int, end: UnsafeMutableRawPointer)? {
        guard openStart == start, count == openCount else { return nil }
        defer { (openStart, openCount, count) = (cursor, 0, 0) }
        return (openCount, cursor)
    }

    /// The open chunk, and where the next message in it is going to be.
    var place: (chunk: Chunk, next: UnsafeMutableRawPointer)? { open.map { ($0, cursor) } }

    mutating func takeBatches() -> [MessageBatch] {
        var all: [MessageBatch] = []
        takeBatches { all.append($0) }
        return all
    }

    /// Drops the oldest batch. Its chunk is filled again if it came from the pool and has no other reference.
    private mutating func giveBackFirstChunk() {
        if let chunk = batches.popFirst()?.takeChunk() { pool.give(chunk) }
    }

    /// Throws everything away.
    mutating func removeAll() {
        while !batches.isEmpty { giveBackFirstChunk() }
        runBytes = 0
        count = 0
        forgetSent()
        forgetOpenChunk()
    }
}
