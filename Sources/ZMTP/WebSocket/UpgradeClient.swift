// The client's side of the opening handshake of a WebSocket (RFC 6455, section 4.1).
//
//   WS-7  The server's answer is 101, with the hash of the client's key, one of the subprotocols that were offered, and
//         no extension; anything else ends the connection.

/// One request, and the check of its answer.
package struct UpgradeClient: Prelude {
    private let settings: WebSocketSettings
    private let key: String
    private var reader: HTTPHeadReader

    /// What has been agreed on, once it is done.
    package private(set) var dialect = WebSocketDialect.commands

    /// - Parameter nonce: 16 bytes that no other connection has.
    package init(_ settings: WebSocketSettings, nonce: [UInt8]) {
        self.settings = settings
        key = Base64.encode(nonce)
        reader = HTTPHeadReader(limit: settings.maxHeadSize)
    }

    package mutating func start() -> PreludeStep {
        let lines = [
            "GET \(settings.path) HTTP/1.1", "Host: \(settings.host)", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: \(key)", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: \(WebSocketDialect.names(for: settings.mechanism).joined(separator: ","))",
        ]
        return .send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8), thenRead: reader.missing)
    }

    package func portion(of arrived: ArraySlice<UInt8>, wanted: Int) -> Int {
        wanted == 0 ? 0 : reader.portion(of: arrived)
    }

    package mutating func receive(_ bytes: [UInt8]) -> PreludeStep {
        do {
            try reader.add(bytes)
            guard reader.missing == 0 else { return .read(reader.missing) }
            return check(try HTTPHead(reader.bytes))
        } catch {
            switch error {
            case .malformed(let what): return .failed("the server's answer is malformed: \(what)")
            case .tooLarge(let limit): return .failed("the server's answer exceeds \(limit) bytes")
            }
        }
    }

    private mutating func check(_ head: HTTPHead) -> PreludeStep {
        guard head.start.count >= 2, head.start[0].hasPrefix("HTTP/1.") else {
            return .failed("the server does not speak HTTP")
        }
        guard head.start[1] == "101" else {
            let status = head.start.dropFirst().joined(separator: " ")
            return .failed("the server refuses the WebSocket: \(printable(status.utf8.prefix(200)))")
        }
        guard head.list("upgrade", contains: "websocket"), head.list("connection", contains: "upgrade") else {
            return .failed("the server upgrades to another protocol than WebSocket")
        }
        guard head["sec-websocket-accept"] == WebSocketKey.acceptance(of: key) else {
            return .failed("the server has not understood the request: its Sec-WebSocket-Accept is wrong")
        }
        guard !head.has("sec-websocket-extensions") else {
            return .failed("the server uses a WebSocket extension that was not offered")
        }
        guard let name = head["sec-websocket-protocol"],
            let dialect = WebSocketDialect(name, mechanism: settings.mechanism)
        else {
            let name = head.list("sec-websocket-protocol").joined(separator: ", ")
            return .failed(
                name.isEmpty
                    ? "the server has selected no subprotocol, and so does not speak ZWS 2.0"
                    : "the server has selected a subprotocol that was not offered: \(printable(name.utf8.prefix(200)))"
            )
        }
        self.dialect = dialect
        return .done
    }
}

/// The key of an opening handshake.
enum WebSocketKey {
    /// What the server answers to the client's key.
    static func acceptance(of key: String) -> String {
        Base64.encode(SHA1.hash(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }
}
