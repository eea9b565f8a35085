import CSockets
import EventReactor
import ZMTP

/// `ws://host:port/path`: ZWS 2.0 over tcp.
struct WebSocketTransport: ByteStreamTransport {
    let address: WebSocketEndpoint
    private let tcp: TCPTransport

    init(_ address: WebSocketEndpoint) {
        self.address = address
        tcp = TCPTransport(address: address.tcp, as: .webSocket(address))
    }

    var endpoint: Endpoint { tcp.endpoint }
    var family: ByteStream.Family { tcp.family }
    var greets: Bool { false }
    var hasCodecs: Bool { true }

    func listen(_ options: SocketOptions) throws(ZMQError) -> ListeningDescriptor {
        var listening = try tcp.listen(options)
        let bound = try TCPEndpoint(boundTo: listening.descriptor)
        listening.endpoint = .webSocket(WebSocketEndpoint(tcp: bound, path: address.path))
        return listening
    }

    func adopt(_ descriptor: CInt, _ options: SocketOptions) throws(ZMQError) { try tcp.adopt(descriptor, options) }

    func resolve(_ endpoint: EndpointOptions, on reactor: Reactor, _ completion: @escaping Resolved) {
        tcp.resolve(endpoint, on: reactor, completion)
    }

    func prepare(
        _ descriptor: CInt,
        for remote: SocketAddress,
        from sources: [SocketAddress],
        _ endpoint: EndpointOptions
    ) throws(ZMQError) {
        try tcp.prepare(descriptor, for: remote, from: sources, endpoint)
    }

    func configure(_ descriptor: CInt, _ endpoint: EndpointOptions) { tcp.configure(descriptor, endpoint) }

    func prelude(_ endpoint: EndpointOptions) -> (any Prelude)? { tcp.prelude(endpoint) }

    func codecs(
        _ role: Engine.Configuration.Role,
        _ endpoint: EndpointOptions,
        on reactor: Reactor
    ) -> [any StreamCodec] {
        [webSocket(role, endpoint, on: reactor)]
    }

    private func webSocket(
        _ role: Engine.Configuration.Role,
        _ endpoint: EndpointOptions,
        on reactor: Reactor
    ) -> WebSocketCodec {
        switch role {
        case .accepting: WebSocketCodec(server: settings(.server, endpoint))
        case .connecting:
            WebSocketCodec(
                client: settings(.client, endpoint),
                masks: WebSocketRandomness.of(reactor).masks,
                nonce: WebSocketRandomness.numbers(4).flatMap { withUnsafeBytes(of: $0) { Array($0) } }
            )
        }
    }

    private func settings(_ role: WebSocketSettings.Role, _ endpoint: EndpointOptions) -> WebSocketSettings {
        let (options, profile) = (endpoint.options, endpoint.profile)
        return WebSocketSettings(
            role,
            host: "\(address.tcp.target)",
            path: address.path,
            mechanism: options.security.mechanism.text,
            socketType: profile.type,
            identity: profile.identity,
            maxMessageSize: options.maxMessageSize,
            maxHeadSize: min(8192, options.limits.handshakeBytes),
            otherClients: options.webSocketClients.others,
            origins: options.webSocketOrigins
        )
    }
}

/// The random numbers of a reactor's WebSockets.
private final class WebSocketRandomness: ReactorLocal {
    let masks = WebSocketMasks(WebSocketRandomness.numbers)

    static func numbers(_ count: Int) -> [UInt32] {
        [UInt32](unsafeUninitializedCapacity: count) { room, initialized in
            csockets_random(room.baseAddress, count * MemoryLayout<UInt32>.size)
            initialized = count
        }
    }
}

extension WebSocketClients {
    fileprivate var others: WebSocketSettings.OtherClients {
        switch value {
        case .subprotocol: .none
        case .binary: .binary
        case .binaryAndText: .binaryAndText
        }
    }
}
