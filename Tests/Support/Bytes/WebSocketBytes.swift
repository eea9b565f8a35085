/// The bytes of WebSockets (RFC 6455), written independently of the codec.
public enum WebSocketBytes {
    /// The mask of `frame`.
    public static let mask: [UInt8] = [0xA1, 0x02, 0x7F, 0x90]

    /// A frame in the shortest form, masked as those of clients are unless `masked` is false.
    public static func frame(
        _ opcode: UInt8 = 2,
        _ payload: [UInt8],
        isFinal: Bool = true,
        masked: Bool = true
    ) -> [UInt8] {
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        let bit: UInt8 = masked ? 0x80 : 0
        switch payload.count {
        case ..<126: bytes.append(bit | UInt8(payload.count))
        case ..<65_536: bytes += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default: bytes += [bit | 127] + (0..<8).map { UInt8(payload.count >> (56 - 8 * $0) & 255) }
        }
        guard masked else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    /// A message of ZWS 2.0: flags and body.
    public static func message(_ flags: UInt8 = 0, _ body: [UInt8], masked: Bool = true) -> [UInt8] {
        frame(2, [flags] + body, masked: masked)
    }

    /// A Close.
    public static func close(_ status: Int, _ reason: String = "", masked: Bool = true) -> [UInt8] {
        frame(8, [UInt8(status >> 8), UInt8(status & 255)] + Array(reason.utf8), masked: masked)
    }

    /// The request of a client that offers these subprotocols; nil leaves a line out.
    public static func request(
        _ path: String = "/",
        protocols: String? = "ZWS2.0/NULL",
        start: String? = nil,
        host: String? = "localhost",
        upgrade: String? = "websocket",
        connection: String? = "Upgrade",
        version: String? = "13",
        key: String? = "dGhlIHNhbXBsZSBub25jZQ==",
        others: [String] = []
    ) -> [UInt8] {
        var lines = [start ?? "GET \(path) HTTP/1.1"]
        for (name, value) in [
            ("Host", host), ("Upgrade", upgrade), ("Connection", connection), ("Sec-WebSocket-Version", version),
            ("Sec-WebSocket-Key", key), ("Sec-WebSocket-Protocol", protocols),
        ] { if let value { lines.append("\(name): \(value)") } }
        lines += others
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// The answer to the key of `request`.
    public static let acceptance = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    /// The frames at the start of the bytes, unmasked, and the rest.
    public static func frames(in bytes: [UInt8]) -> (frames: [(first: UInt8, payload: [UInt8])], rest: [UInt8]) {
        var frames: [(first: UInt8, payload: [UInt8])] = []
        var rest = bytes[...]
        while rest.count >= 2 {
            let start = rest.startIndex
            let length = Int(rest[start + 1] & 0x7F)
            let extra = length < 126 ? 0 : length == 126 ? 2 : 8
            let masked = rest[start + 1] & 0x80 != 0
            let header = 2 + extra + (masked ? 4 : 0)
            guard rest.count >= header else { break }
            let size = extra == 0 ? length : rest[(start + 2)..<(start + 2 + extra)].reduce(0) { $0 << 8 | Int($1) }
            guard rest.count - header >= size else { break }
            let key = masked ? Array(rest[(start + header - 4)..<(start + header)]) : []
            let payload = rest[(start + header)..<(start + header + size)]
            frames.append((rest[start], masked ? payload.enumerated().map { $1 ^ key[$0 % 4] } : Array(payload)))
            rest = rest[(start + header + size)...]
        }
        return (frames, Array(rest))
    }
}
