// From frames of ZMTP 3.x to WebSocket messages, in the order of their bytes: a frame whose body has not been given yet
// has begun to leave all the same.
//
//     flags | size 1 or 8 | body     becomes     82 | length 1, 3 or 9 | mask 0 or 4 | flags | body
//
//   WS-8  A frame is one binary message: 00, or 01 when another one of its message follows, or 02 for a command, and
//         the body. It is never fragmented: libzmq takes no fragments.

/// Encodes what is sent.
struct WebSocketEncoder: ~Copyable {
    /// Whether frames are masked, as those of clients are.
    private let masks: WebSocketMasks?

    /// A header of which only a part has been given.
    private var carry: (UInt64, UInt64) = (0, 0)
    private var carried = 0

    /// Bytes of the current frame's body that have not been given.
    private var rest = 0
    private var mask = WebSocketMask(0)

    /// Whether the frame is of the handshake, which the peer does not expect.
    private var isDropped = false
    /// Whether the next frame is.
    var dropsNext = false

    init(masks: WebSocketMasks?) { self.masks = masks }

    /// Whether the next byte begins a frame.
    var isAtBoundary: Bool { rest == 0 && carried == 0 }

    /// Room for the header of a frame, and its flags.
    static let headerRoom = WebSocketHeader.longest + 4 + 1

    /// Encodes as much as there is room for.
    ///
    /// - Returns: How many of the bytes have been taken, and how many written.
    mutating func encode(
        _ bytes: UnsafeRawBufferPointer,
        into room: UnsafeMutableRawBufferPointer
    ) -> (consumed: Int, produced: Int) {
        guard var from = bytes.baseAddress, let start = room.baseAddress else { return (0, 0) }
        let (first, end, limit) = (from, from + bytes.count, start + room.count)
        var to = start
        while from < end {
            if rest > 0 {
                let count = min(rest, end - from, isDropped ? .max : limit - to)
                guard count > 0 else { break }
                if isDropped {
                    from += count
                } else {
                    copy(&from, &to, count)
                }
                rest &-= count
                continue
            }
            guard limit - to >= Self.headerRoom else { break }
            let header: FrameHeader
            if carried == 0, end - from >= FrameHeader.longSize {
                header = FrameHeader(trusted: from)
                from += header.size
            } else {
                guard let whole = collectHeader(&from, end) else { break }
                header = whole
            }
            rest = header.bodySize
            isDropped = dropsNext
            dropsNext = false
            if !isDropped { begin(header, &to) }
        }
        return (from - first, to - start)
    }

    @inline(__always)
    private mutating func begin(_ header: FrameHeader, _ to: inout UnsafeMutableRawPointer) {
        let flags = header.isCommand ? 2 : header.flags & FrameHeader.more
        let payload = header.bodySize &+ 1
        guard let masks else {
            to += WebSocketHeader.write(WebSocketHeader.binary, payloadSize: payload, mask: 0, to: to)
            to.storeBytes(of: flags, as: UInt8.self)
            to += 1
            return
        }
        to += WebSocketHeader.write(WebSocketHeader.binary, payloadSize: payload, mask: WebSocketHeader.mask, to: to)
        let key = masks.next()
        to.storeBytes(of: key, as: UInt32.self)
        mask = WebSocketMask(key)
        to.storeBytes(of: mask.apply(to: flags), toByteOffset: 4, as: UInt8.self)
        to += 5
    }

    @inline(__always)
    private mutating func copy(_ from: inout UnsafeRawPointer, _ to: inout UnsafeMutableRawPointer, _ count: Int) {
        if masks == nil {
            to.copyMemory(from: from, byteCount: count)
        } else {
            mask.copy(from, to: to, count: count)
        }
        from += count
        to += count
    }

    /// Takes bytes until the header is whole; nil when there are too few.
    private mutating func collectHeader(_ from: inout UnsafeRawPointer, _ end: UnsafeRawPointer) -> FrameHeader? {
        while from < end {
            let byte = from.load(as: UInt8.self)
            from += 1
            let index = carried
            let header: FrameHeader? = withUnsafeMutableBytes(of: &carry) { bytes in
                bytes[index] = byte
                let size = bytes[0] & FrameHeader.long == 0 ? FrameHeader.shortSize : FrameHeader.longSize
                return index + 1 == size ? FrameHeader(trusted: UnsafeRawPointer(bytes.baseAddress!)) : nil
            }
            carried += 1
            if let header {
                carried = 0
                return header
            }
        }
        return nil
    }
}

extension WebSocketHeader {
    /// A whole control frame.
    static func control(_ opcode: UInt8, _ payload: [UInt8], masks: WebSocketMasks?) -> [UInt8] {
        precondition(payload.count <= controlLimit, "a control frame has at most 125 bytes")
        return frame(0x80 | opcode, payload, masks: masks)
    }

    /// A whole frame.
    static func frame(_ first: UInt8, _ payload: [UInt8], masks: WebSocketMasks?) -> [UInt8] {
        let bit = masks == nil ? 0 : Self.mask
        var bytes = [UInt8](unsafeUninitializedCapacity: longest) { room, count in
            count = write(first, payloadSize: payload.count, mask: bit, to: UnsafeMutableRawPointer(room.baseAddress!))
        }
        guard let masks else { return bytes + payload }
        let key = masks.next()
        withUnsafeBytes(of: key) { bytes += $0 }
        var mask = WebSocketMask(key)
        for byte in payload { bytes.append(mask.apply(to: byte)) }
        return bytes
    }
}
