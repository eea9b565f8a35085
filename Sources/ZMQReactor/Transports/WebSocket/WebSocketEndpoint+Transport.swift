extension WebSocketEndpoint: ByteStreamAddress {
    static var scheme: String { "ws" }
    static var form: String { "host:port/path" }

    static func validate(_ options: SocketOptions) throws(ZMQError) {
        guard let origins = options.webSocketOrigins else { return }
        for origin in origins {
            let isOrigin = origin == "null" || origin.contains("://") && origin.utf8.last != UInt8(ascii: "/")
            try options.require(isOrigin, "webSocketOrigins", "origins such as https://example.org", origin.quoted)
        }
    }

    var obstacleToBinding: String? {
        path.utf8.contains(UInt8(ascii: "?")) ? "a query is for connecting; bind takes a path" : tcp.obstacleToBinding
    }

    var obstacleToConnecting: String? { tcp.obstacleToConnecting }

    var streams: any ByteStreamTransport { WebSocketTransport(self) }

    /// The streams carry messages: there are no raw bytes.
    var carriesBytes: Bool { false }
}

extension Endpoint {
    static func webSocket(_ address: WebSocketEndpoint) -> Endpoint { Endpoint(address) }
}
