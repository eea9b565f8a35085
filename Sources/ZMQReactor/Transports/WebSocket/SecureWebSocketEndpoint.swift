/// The address of a WebSocket over TLS.
struct SecureWebSocketEndpoint: Hashable, Sendable {
    let address: WebSocketEndpoint
}

extension SecureWebSocketEndpoint: CustomStringConvertible {
    /// What stands after `wss://`.
    var description: String { "\(address)" }
}

extension SecureWebSocketEndpoint: ByteStreamAddress {
    static var scheme: String { "wss" }
    static var form: String { WebSocketEndpoint.form }

    init(_ address: Substring, in endpoint: String) throws(ZMQError) {
        #if TLS
            self.address = try WebSocketEndpoint(address, in: endpoint)
        #else
            let reason = "the transport wss needs the package trait TLS, which this build does not have"
            throw ZMQError(.protocolNotSupported, reason, endpoint: endpoint)
        #endif
    }

    var obstacleToBinding: String? { address.obstacleToBinding }
    var obstacleToConnecting: String? { address.obstacleToConnecting }

    func validateForConnecting(with endpoint: EndpointOptions) throws(ZMQError) {
        try WebSocketTransport(address, isSecure: true).validate(endpoint.options, isServer: false)
    }

    var streams: any ByteStreamTransport { WebSocketTransport(address, isSecure: true) }

    var carriesBytes: Bool { address.carriesBytes }
}
