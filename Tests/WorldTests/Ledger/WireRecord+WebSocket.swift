// WebSockets, read independently of the codec.
extension WireRecord {
    /// Reads a record of ZWS 2.0: the head of a request or an answer, and frames.
    ///
    /// - Parameter ofSubscriber: whether there are subscriptions, which are messages here.
    init(ofWebSocket bytes: [UInt8], ofSubscriber: Bool = false) {
        self.init([])
        readFrames(bytes, ofSubscriber: ofSubscriber)
    }

    private mutating func readFrames(_ bytes: [UInt8], ofSubscriber: Bool) {
        guard var position = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { return }
        // An answer that is no upgrade has a text behind it.
        if bytes.starts(with: "HTTP/1.1 4".utf8) { return }
        while let frame = WebSocketFrame(bytes, at: position) {
            guard frame.isLegal else { return tear() }
            if frame.opcode == 2 {
                guard let flags = frame.payload.first, flags <= 2 else { return tear() }
                let isSubscription = ofSubscriber && (frame.payload.dropFirst().first ?? 2) <= 1
                if flags == 0, !isSubscription {
                    add(frame.payload.dropFirst().withUnsafeBytes { Payload.number(in: $0) }, end: frame.end)
                }
            }
            position = frame.end
        }
    }
}

/// A whole frame of a record.
private struct WebSocketFrame {
    let opcode: UInt8
    let payload: [UInt8]
    let end: Int
    /// Whether it is one that a socket sends: whole, and of a kind that is known.
    let isLegal: Bool

    /// The frame at a position; nil when it is not complete.
    init?(_ bytes: [UInt8], at start: Int) {
        guard start + 2 <= bytes.count else { return nil }
        let (first, second) = (bytes[start], bytes[start + 1])
        opcode = first & 0x0F
        isLegal = first & 0xF0 == 0x80 && [2, 8, 9, 10].contains(opcode)
        let (short, isMasked) = (Int(second & 0x7F), second & 0x80 != 0)
        let lengthSize = short < 126 ? 0 : short == 126 ? 2 : 8
        let header = 2 + lengthSize + (isMasked ? 4 : 0)
        guard start + header <= bytes.count else { return nil }
        let length = bytes[(start + 2)..<(start + 2 + lengthSize)].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        let size = lengthSize == 0 ? UInt64(short) : length
        guard size <= UInt64(bytes.count - start - header) else { return nil }
        end = start + header + Int(size)
        let body = bytes[(start + header)..<end]
        let key = isMasked ? Array(bytes[(start + header - 4)..<(start + header)]) : [0, 0, 0, 0]
        payload = body.enumerated().map { $1 ^ key[$0 & 3] }
    }
}
