import EventReactor
import ZMTP

/// A name in the network of a test's scene. Behind one that ends with `+ws` there are WebSockets.
struct MemoryName: Hashable, Sendable {
    let name: String

    var isWebSocket: Bool { name.hasSuffix("+ws") }

    /// What carries the protocol's bytes over a new stream.
    func stream(
        over stream: any ByteStreamSubstitute,
        _ role: Engine.Configuration.Role,
        _ endpoint: EndpointOptions,
        on reactor: Reactor
    ) -> ByteStream {
        guard isWebSocket else { return ByteStream(stream) }
        let codec = WebSocketCodec(role, host: "memory", path: "/", endpoint, on: reactor)
        return ByteStream(CodecStream(over: ByteStream(stream), codec, on: reactor))
    }
}

extension MemoryName: CustomStringConvertible {
    var description: String { name }
}

extension MemoryName: Transport {
    static var scheme: String { "memory" }
    static var form: String { "name, or name+ws" }

    init(_ name: Substring, in endpoint: String) throws(ZMQError) { self.name = String(name) }

    /// What opens byte streams here opens no descriptors, and lives on the thread of its socket.
    var byteStreams: (any ByteStreamTransport)? { nil }
    var streamsOfScene: (any SessionTransport)? { self }
    var carriesBytes: Bool { !isWebSocket }

    func dialer(
        of host: any ConnectionHost,
        _ options: EndpointOptions,
        in names: () -> InprocRegistry
    ) throws(ZMQError) -> any Dialer {
        MemoryDialer(self, in: try network(of: host), options)
    }

    func acceptor(
        of host: any ConnectionHost,
        _ options: EndpointOptions,
        in names: () -> InprocRegistry
    ) throws(ZMQError) -> any Acceptor {
        try MemoryAcceptor(self, in: try network(of: host), on: host.reactor)
    }

    private func network(of host: any ConnectionHost) throws(ZMQError) -> any StreamNetwork {
        if let network = host.reactor.network { return network }
        let reason = "the transport memory needs a reactor of a TestScene, see ZMQReactorTesting"
        throw ZMQError(.protocolNotSupported, reason, endpoint: "\(Endpoint(self))")
    }
}

// In a session. Its reactor is one of the same scene.
extension MemoryName: SessionTransport {
    var endpoint: Endpoint { Endpoint(self) }

    // There is no descriptor: the acceptor takes the name.
    func listen(_ options: SocketOptions) throws(ZMQError) -> ListeningDescriptor {
        ListeningDescriptor(descriptor: -1, endpoint: endpoint)
    }

    func dialer(_ options: EndpointOptions, on reactor: Reactor) -> any Dialer {
        MemoryDialer(self, in: reactor.network!, options)
    }

    func acceptor(of listening: ListeningDescriptor, on reactor: Reactor) -> any Acceptor {
        guard let acceptor = try? MemoryAcceptor(self, in: reactor.network!, on: reactor) else {
            preconditionFailure("a scene's sockets with sessions bind each name once")
        }
        return acceptor
    }
}
