/// The address of a WebSocket: what tcp connects to, and a path.
struct WebSocketEndpoint: Hashable, Sendable {
    let tcp: TCPEndpoint

    /// Begins with a slash. Where it is connected to, there may be a query behind it.
    let path: String
}

extension WebSocketEndpoint {
    /// Parses what follows `ws://`: `host:port/path`.
    init(_ address: Substring, in endpoint: String) throws(ZMQError) {
        let bytes = address.utf8
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .badEndpoint(endpoint, "a WebSocket endpoint consists of printable ASCII characters without spaces")
        }
        guard !bytes.contains(UInt8(ascii: "#")) else {
            throw .badEndpoint(endpoint, "a WebSocket endpoint has no fragment, which # begins")
        }
        let slash = bytes.firstIndex(of: UInt8(ascii: "/")) ?? bytes.endIndex
        tcp = try TCPEndpoint(address[..<slash], in: endpoint)
        path = slash == bytes.endIndex ? "/" : String(address[slash...])
    }
}

extension WebSocketEndpoint: CustomStringConvertible {
    /// What stands after `ws://`.
    var description: String { "\(tcp)\(path)" }
}
