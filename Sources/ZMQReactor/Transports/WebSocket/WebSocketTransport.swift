import CSockets
import EventReactor
import ZMTP

/// `ws://host:port/path`: ZWS 2.0 over tcp; `wss://host:port/path`: the same over TLS.
struct WebSocketTransport: ByteStreamTransport {
    let address: WebSocketEndpoint
    private let tcp: TCPTransport

    private let isSecure: Bool

    init(_ address: WebSocketEndpoint, isSecure: Bool = false) {
        (self.address, self.isSecure) = (address, isSecure)
        tcp = TCPTransport(address: address.tcp, as: Self.endpoint(address, isSecure))
    }

    private static func endpoint(_ address: WebSocketEndpoint, _ isSecure: Bool) -> Endpoint {
        isSecure ? Endpoint(SecureWebSocketEndpoint(address: address)) : .webSocket(address)
    }

    var endpoint: Endpoint { tcp.endpoint }
    var family: ByteStream.Family { tcp.family }
    var greets: Bool { false }
    var hasCodecs: Bool { true }
    var hasCostlyCodecs: Bool { isSecure }

    /// Throws when the files of certificates and keys cannot be used.
    func validate(_ options: SocketOptions, isServer: Bool) throws(ZMQError) {
        #if TLS
            guard isSecure else { return }
            do throws(ZMQError) {
                _ = try TLSContext(options.tls, isServer: isServer)
            } catch {
                throw error.concerning("\(endpoint)")
            }
        #endif
    }

    func listen(_ options: SocketOptions) throws(ZMQError) -> ListeningDescriptor {
        guard !isSecure || options.tls.certificateFile != nil else {
            let reason = "a bound wss endpoint needs a certificate"
            throw ZMQError(.invalidArgument, reason, endpoint: "\(endpoint)", option: "tls.certificateFile")
        }
        try validate(options, isServer: true)
        var listening = try tcp.listen(options)
        let bound = try TCPEndpoint(boundTo: listening.descriptor)
        listening.endpoint = Self.endpoint(WebSocketEndpoint(tcp: bound, path: address.path), isSecure)
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
    ) throws(ZMQError) -> [any StreamCodec] {
        let webSocket = WebSocketCodec(role, host: "\(address.tcp.target)", path: address.path, endpoint, on: reactor)
        guard isSecure else { return [webSocket] }
        #if TLS
            let (settings, isServer) = (endpoint.options.tls, role == .accepting)
            let context = try TLSContexts.of(reactor).context(for: settings, isServer: isServer)
            let server = settings.serverName ?? address.tcp.target.host.lookupName
            return [TLSCodec(context, connectingTo: isServer ? nil : server ?? ""), webSocket]
        #else
            return [webSocket]
        #endif
    }
}

extension WebSocketCodec {
    /// One side of a connection of the endpoint.
    ///
    /// - Parameter host: what a client asks for.
    convenience init(
        _ role: Engine.Configuration.Role,
        host: String,
        path: String,
        _ endpoint: EndpointOptions,
        on reactor: Reactor
    ) {
        let (options, profile) = (endpoint.options, endpoint.profile)
        let settings = WebSocketSettings(
            role == .accepting ? .server : .client,
            host: host,
            path: path,
            mechanism: options.security.mechanism.text,
            socketType: profile.type,
            identity: profile.identity,
            maxMessageSize: options.maxMessageSize,
            maxHeadSize: min(8192, options.limits.handshakeBytes),
            otherClients: options.webSocketClients.others,
            origins: options.webSocketOrigins
        )
        switch role {
        case .accepting: self.init(server: settings)
        case .connecting:
            self.init(
                client: settings,
                masks: WebSocketRandomness.of(reactor).masks,
                nonce: WebSocketRandomness.numbers(4).flatMap { withUnsafeBytes(of: $0) { Array($0) } }
            )
        }
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
