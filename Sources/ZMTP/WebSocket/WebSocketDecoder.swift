// From WebSocket frames to frames of ZMTP 3.x, in the order of their bytes: the body of a message in one frame passes
// on as it arrives, and nothing of it is kept here. Control frames may stand between any two frames.
//
//   WS-9   A message is one frame of ZMTP: a byte of flags and the body. A message without flags, or with others than
//          00, 01 and 02, is an error.
//   WS-13  A fragmented message is put together, and takes as much memory as has arrived of it, within the limit.
//          Its continuation frames follow each other; anything else is an error.
//   WS-14  A text message is an error (1003) unless text is taken; then it must be UTF-8 (1007), and has no flags.
//   WS-15  The payload of a Close is empty, or a legal status and UTF-8. Nothing behind a Close counts.
//
// Frames that are not a whole message cost more than their bytes. Few of them are decoded in one go: the rest of the
// input is left, for the next turn.

/// Decodes what has arrived.
struct WebSocketDecoder: ~Copyable {
    private enum Phase {
        case header
        /// The body of a message in one frame.
        case body
        /// A frame of a message that is put together.
        case part
        case control
        case over
    }

    private let expectsMask: Bool
    private let takesText: Bool
    private let limit: Int

    private var phase = Phase.header
    /// A header of which only a part has arrived, or the payload of a control frame; behind it the payload of the last
    /// PING.
    private let carry: UnsafeMutableRawPointer
    private var carried = 0
    private var pingSize: Int?
    /// The bytes of the current frame that have not arrived.
    private var rest = 0
    private var mask = WebSocketMask(0)
    private var opcode: UInt8 = 0
    private var isFinal = false

    private var assembly: WebSocketAssembly?
    /// Whether the first message is the peer's identity, which becomes a READY with this type.
    private let identifies: SocketType?
    private var awaitsIdentity: Bool

    /// Why decoding has ended; nil while it has not.
    private(set) var fault: WebSocketFault?
    /// Whether the peer has ended the WebSocket.
    private(set) var isClosed = false
    /// Whether a PONG has arrived, to be taken.
    var hasPong = false

    init(expectsMask: Bool, takesText: Bool, limit: Int, identifies: SocketType? = nil) {
        (self.expectsMask, self.takesText, self.limit) = (expectsMask, takesText, limit)
        self.identifies = identifies
        awaitsIdentity = identifies != nil
        carry = .allocate(byteCount: 2 * Self.carryRoom, alignment: 8)
    }

    deinit { carry.deallocate() }

    /// The bytes of the current message that pass on unchanged in number, before any header.
    var bodyRest: Int { phase == .body ? rest : 0 }

    /// The bytes of a message that is being put together.
    var assembledBytes: Int { assembly?.byteCount ?? 0 }

    /// Whether decoding has ended: what follows is of no interest.
    var isOver: Bool { phase == .over }

    /// Control frames and parts of messages that are decoded in one go.
    static let framesAtOnce = 256
    private static let carryRoom = 128

    /// The payload of the last PING since the last call.
    mutating func takePing() -> [UInt8]? {
        guard let size = pingSize.take() else { return nil }
        return [UInt8](UnsafeRawBufferPointer(start: carry + Self.carryRoom, count: size))
    }

    /// How many more bytes may be written than are read.
    static func growth(of count: Int) -> Int { 16 + count / 64 }

    /// Decodes until the input ends, a message is complete that has been put together, or enough frames have been
    /// decoded that are no messages.
    ///
    /// - Parameters:
    ///   - input: may lie in the same memory as the output, at least `growth` bytes behind its start.
    ///   - output: has room for `growth` bytes more than the input.
    ///   - frames: how many control frames and parts of messages may be decoded; is counted down.
    /// - Returns: How many bytes have been taken and written, and the message that follows them.
    mutating func decode(
        _ input: UnsafeRawBufferPointer,
        to output: UnsafeMutableRawPointer,
        _ frames: inout Int
    ) -> (consumed: Int, produced: Int, message: BytePieces?) {
        guard let start = input.baseAddress else { return (0, 0, nil) }
        var (from, to) = (start, output)
        let end = start + input.count
        var message: BytePieces?
        do throws(WebSocketFault) {
            while from < end || rest == 0 && phase != .header && phase != .over {
                switch phase {
                case .header: try readHeader(&from, end, &to)
                case .body: pass(&from, end, &to)
                case .part:
                    message = try readPart(&from, end)
                    if phase == .header { frames -= 1 }
                case .control:
                    try readControl(&from, end)
                    if phase == .header { frames -= 1 }
                case .over: from = end
                }
                if message != nil || frames <= 0 { break }
            }
        } catch {
            fail(error)
            from = end
        }
        return (from - start, to - output, message)
    }

    /// Ends decoding.
    mutating func fail(_ error: WebSocketFault) { (fault, phase) = (error, .over) }

    @inline(__always)
    private mutating func pass(
        _ from: inout UnsafeRawPointer,
        _ end: UnsafeRawPointer,
        _ to: inout UnsafeMutableRawPointer
    ) {
        let count = min(rest, end - from)
        if expectsMask {
            mask.copy(from, to: to, count: count)
        } else if UnsafeRawPointer(to) != from {
            to.copyMemory(from: from, byteCount: count)
        }
        from += count
        to += count
        rest &-= count
        if rest == 0 { phase = .header }
    }

    // MARK: Headers

    @inline(__always)
    private mutating func readHeader(
        _ from: inout UnsafeRawPointer,
        _ end: UnsafeRawPointer,
        _ to: inout UnsafeMutableRawPointer
    ) throws(WebSocketFault) {
        // Most frames: a whole message, whose header has arrived with it.
        if carried == 0, end - from >= WebSocketEncoder.headerRoom {
            let second = from.load(fromByteOffset: 1, as: UInt8.self)
            let length = second & 0x7F
            if from.load(as: UInt8.self) == WebSocketHeader.binary, length != 0, assembly == nil, !awaitsIdentity,
                second & WebSocketHeader.mask == (expectsMask ? WebSocketHeader.mask : 0)
            {
                let size = WebSocketHeader.size(length: length) &+ (expectsMask ? 4 : 0)
                try beginBody(from, headerSize: size, &to)
                from += size &+ 1
                return
            }
        }
        guard let size = try collectHeader(&from, end) else { return }
        try begin(headerSize: size, &to)
    }

    /// Takes bytes until the header is whole, with the flags of a message in one frame; returns its size without those,
    /// or nil when there are too few.
    private mutating func collectHeader(
        _ from: inout UnsafeRawPointer,
        _ end: UnsafeRawPointer
    ) throws(WebSocketFault) -> Int? {
        if carried == 0, end - from >= WebSocketEncoder.headerRoom {
            carry.copyMemory(from: from, byteCount: WebSocketEncoder.headerRoom)
            let header = try header()
            try check(header)
            from += header.size + (isDirect(header) ? 1 : 0)
            return header.size
        }
        while from < end {
            carry.storeBytes(of: from.load(as: UInt8.self), toByteOffset: carried, as: UInt8.self)
            from += 1
            carried += 1
            guard carried >= 2 else { continue }
            let header = try header()
            if carried == 2 { try check(header) }
            if carried == header.size + (isDirect(header) ? 1 : 0) { return header.size }
        }
        return nil
    }

    private func header() throws(WebSocketFault) -> WebSocketHeader {
        let (first, second) = (carry.load(as: UInt8.self), carry.load(fromByteOffset: 1, as: UInt8.self))
        return try WebSocketHeader(first, second, expectsMask: expectsMask)
    }

    /// Whether the frame is a whole message that passes on.
    private func isDirect(_ header: WebSocketHeader) -> Bool {
        header.opcode == WebSocketHeader.Opcode.binary && header.isFinal && !awaitsIdentity
    }

    /// Whether the frame may stand here.
    private func check(_ header: WebSocketHeader) throws(WebSocketFault) {
        guard !header.isControl else { return }
        if header.opcode == WebSocketHeader.Opcode.continuation {
            guard assembly != nil else { throw .malformed("there is nothing to continue") }
        } else {
            guard assembly == nil else { throw .malformed("a message begins before the last one has ended") }
            guard header.opcode == WebSocketHeader.Opcode.binary || takesText && !awaitsIdentity else { throw .text }
            if isDirect(header), header.isEmpty { throw .malformed("a message has no flags") }
        }
    }

    /// The header in `carry` is whole.
    private mutating func begin(headerSize: Int, _ to: inout UnsafeMutableRawPointer) throws(WebSocketFault) {
        let header = try header()
        carried = 0
        guard !isDirect(header) else { return try beginBody(carry, headerSize: headerSize, &to) }
        rest = try WebSocketHeader.payloadSize(carry)
        if expectsMask { mask = WebSocketMask(carry.loadUnaligned(fromByteOffset: headerSize - 4, as: UInt32.self)) }
        (opcode, isFinal) = (header.opcode, header.isFinal)
        guard !header.isControl else { return phase = .control }
        phase = .part
        if assembly == nil {
            assembly = WebSocketAssembly(form, limit: limit)
        }
        try assembly?.reserve(rest)
    }

    /// Writes the header of a message in one frame; behind the frame's header stand the flags.
    @inline(__always)
    private mutating func beginBody(
        _ bytes: UnsafeRawPointer,
        headerSize: Int,
        _ to: inout UnsafeMutableRawPointer
    ) throws(WebSocketFault) {
        rest = try WebSocketHeader.payloadSize(bytes) &- 1
        var flags = bytes.load(fromByteOffset: headerSize, as: UInt8.self)
        if expectsMask {
            mask = WebSocketMask(bytes.loadUnaligned(fromByteOffset: headerSize &- 4, as: UInt32.self))
            flags = mask.apply(to: flags)
        }
        guard flags <= 2 else { throw .malformed("a message has illegal flags (\(flags))") }
        to += FrameHeader.write(flags: flags == 2 ? FrameHeader.command : flags, bodySize: rest, to: to)
        phase = rest > 0 ? .body : .header
    }

    private var form: WebSocketAssembly.Form {
        if awaitsIdentity, let identifies { return .identity(identifies) }
        return opcode == WebSocketHeader.Opcode.text ? .text : .frame
    }

    // MARK: Messages in parts, and control frames

    /// Returns the message that is complete with this frame.
    private mutating func readPart(
        _ from: inout UnsafeRawPointer,
        _ end: UnsafeRawPointer
    ) throws(WebSocketFault) -> BytePieces? {
        let count = min(rest, end - from)
        try assembly?.append(UnsafeRawBufferPointer(start: from, count: count), &mask, isMasked: expectsMask)
        from += count
        rest -= count
        guard rest == 0 else { return nil }
        phase = .header
        guard isFinal, let whole = assembly.take() else { return nil }
        let message = try whole.complete()
        awaitsIdentity = false
        return message
    }

    private mutating func readControl(_ from: inout UnsafeRawPointer, _ end: UnsafeRawPointer) throws(WebSocketFault) {
        let count = min(rest, end - from)
        if expectsMask {
            mask.copy(from, to: carry + carried, count: count)
        } else {
            (carry + carried).copyMemory(from: from, byteCount: count)
        }
        from += count
        carried += count
        rest -= count
        guard rest == 0 else { return }
        let payload = UnsafeRawBufferPointer(start: carry, count: carried)
        carried = 0
        phase = .header
        switch opcode {
        case WebSocketHeader.Opcode.ping:
            (carry + Self.carryRoom).copyMemory(from: carry, byteCount: payload.count)
            pingSize = payload.count
        case WebSocketHeader.Opcode.pong: hasPong = true
        default: try close(Array(payload))
        }
    }

    private mutating func close(_ payload: [UInt8]) throws(WebSocketFault) {
        guard !payload.isEmpty else { return end(nil) }
        guard payload.count >= 2 else { throw .malformed("a Close has one byte") }
        let status = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard WebSocketStatus.isLegal(status) else { throw .malformed("a Close has the status \(status)") }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else {
            throw .notText("the reason of a Close")
        }
        let isUsual = status == WebSocketStatus.normal.rawValue || status == WebSocketStatus.goingAway.rawValue
        end(isUsual ? nil : .closed(status, reason))
    }

    private mutating func end(_ reason: WebSocketFault?) {
        (isClosed, fault, phase) = (true, reason, .over)
    }
}
