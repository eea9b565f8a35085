import EventReactor
import ZMTP

/// A descriptor that listens.
struct ListeningDescriptor: Sendable {
    let descriptor: CInt
    /// The endpoint as it really is, wildcards filled in.
    var endpoint: Endpoint
    /// To be called when the descriptor is closed.
    var cleanUp: @Sendable () -> Void = {}
}

/// What transports of byte streams differ in.
protocol ByteStreamTransport: SessionTransport {
    /// Sets up a listening descriptor that was opened elsewhere. When this throws, the descriptor is unchanged.
    func adopt(_ descriptor: CInt, _ options: SocketOptions) throws(ZMQError)

    typealias Resolved = (_ addresses: [SocketAddress], _ sources: [SocketAddress], _ reason: EventReason) -> Void

    /// Finds the addresses to try, in order, without blocking the loop, and those to connect from where the endpoint
    /// says so; no address with the reason when there is none.
    func resolve(_ endpoint: EndpointOptions, on reactor: Reactor, _ completion: @escaping Resolved)

    /// Sets a descriptor up that is about to connect to the address.
    func prepare(
        _ descriptor: CInt,
        for address: SocketAddress,
        from sources: [SocketAddress],
        _ endpoint: EndpointOptions
    ) throws(ZMQError)

    /// Sets a new connection's descriptor up.
    func configure(_ descriptor: CInt, _ endpoint: EndpointOptions)

    /// What has to be said to a proxy before a new connection is one to the peer; nil for nothing.
    func prelude(_ endpoint: EndpointOptions) -> (any Prelude)?

    /// Whether the bytes of connections pass through codecs.
    var hasCodecs: Bool { get }

    /// What the bytes of a new connection pass through, the one next to the descriptor first; none where they are those
    /// of the protocol.
    func codecs(
        _ role: Engine.Configuration.Role,
        _ endpoint: EndpointOptions,
        on reactor: Reactor
    ) throws(ZMQError) -> [any StreamCodec]

    /// Whether these take the processor for long when a connection begins, see `CostlyHandshakes`.
    var hasCostlyCodecs: Bool { get }

    /// Whether connections begin with the greetings of ZMTP: not where a codec agrees on what these do.
    var greets: Bool { get }

    /// Whether the peer that has connected to us may do so.
    func admits(_ descriptor: CInt, _ endpoint: EndpointOptions) -> Bool

    /// What limits per address count a connection by that has come from the address; nil when they do not hold for it.
    func countedAddress(of descriptor: CInt, from address: SocketAddress, _ limits: SocketLimits) -> RemoteAddress?

    /// What its descriptors lead to.
    var family: ByteStream.Family { get }

    /// What stands in the place of a connected descriptor, which belongs to it then; nil for the descriptor itself.
    func substitute(
        for descriptor: CInt,
        _ role: Engine.Configuration.Role,
        _ endpoint: EndpointOptions,
        on reactor: Reactor
    ) -> (any ByteStreamSubstitute)?

    /// What a handshake says of the transport.
    func metadata(_ endpoint: EndpointOptions) -> Metadata
}

/// A transport of byte streams.
protocol ByteStreamAddress: Transport {
    /// What opens them.
    var streams: any ByteStreamTransport { get }
}

extension ByteStreamAddress {
    var byteStreams: (any ByteStreamTransport)? { streams }

    func dialer(of host: any ConnectionHost, _ options: EndpointOptions, in names: () -> InprocRegistry) -> any Dialer {
        ByteStreamDialer(streams, options)
    }

    func acceptor(
        of host: any ConnectionHost,
        _ options: EndpointOptions,
        in names: () -> InprocRegistry
    ) throws(ZMQError) -> any Acceptor {
        let streams = streams
        return ByteStreamAcceptor(streams, on: try streams.listen(options.options))
    }
}

extension ByteStreamTransport {
    func dialer(_ options: EndpointOptions, on reactor: Reactor) -> any Dialer { ByteStreamDialer(self, options) }
    func acceptor(of listening: ListeningDescriptor, on reactor: Reactor) -> any Acceptor {
        ByteStreamAcceptor(self, on: listening)
    }

    /// The stream of a connected descriptor. Where there is neither codec nor substitute, nothing stands between.
    func stream(
        on descriptor: CInt,
        _ role: Engine.Configuration.Role,
        _ endpoint: EndpointOptions,
        _ reactor: Reactor
    ) throws(ZMQError) -> ByteStream {
        guard hasCodecs else {
            guard let substitute = substitute(for: descriptor, role, endpoint, on: reactor) else {
                return ByteStream(descriptor, family)
            }
            return ByteStream(substitute)
        }
        let codecs = try codecs(role, endpoint, on: reactor)
        var stream = ByteStream(descriptor, family)
        for codec in codecs {
            stream = ByteStream(CodecStream(over: stream, codec, on: reactor))
        }
        return stream
    }

    func adopt(_ descriptor: CInt, _ options: SocketOptions) throws(ZMQError) {}
    func prepare(
        _ descriptor: CInt,
        for address: SocketAddress,
        from sources: [SocketAddress],
        _ endpoint: EndpointOptions
    ) throws(ZMQError) {}
    func configure(_ descriptor: CInt, _ endpoint: EndpointOptions) {}
    func prelude(_ endpoint: EndpointOptions) -> (any Prelude)? { nil }
    func codecs(
        _ role: Engine.Configuration.Role,
        _ endpoint: EndpointOptions,
        on reactor: Reactor
    ) throws(ZMQError) -> [any StreamCodec] { [] }
    var greets: Bool { true }
    var hasCodecs: Bool { false }
    var hasCostlyCodecs: Bool { false }
    func admits(_ descriptor: CInt, _ endpoint: EndpointOptions) -> Bool { true }
    func substitute(
        for descriptor: CInt,
        _ role: Engine.Configuration.Role,
        _ endpoint: EndpointOptions,
        on reactor: Reactor
    ) -> (any ByteStreamSubstitute)? { nil }
    func metadata(_ endpoint: EndpointOptions) -> Metadata { Metadata() }
    func countedAddress(of _: CInt, from address: SocketAddress, _ limits: SocketLimits) -> RemoteAddress? {
        RemoteAddress(address).flatMap { $0.isLocal && !limits.countsLocalPeers ? nil : $0 }
    }
}
