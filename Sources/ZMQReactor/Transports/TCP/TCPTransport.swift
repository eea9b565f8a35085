import EventReactor
import Glibc
import ZMTP

/// `tcp://host:port`, see tcp(7).
struct TCPTransport: ByteStreamTransport {
    let address: TCPEndpoint
    /// What the user calls it.
    let endpoint: Endpoint

    init(address: TCPEndpoint) { self.init(address: address, as: .tcp(address)) }

    /// - Parameter endpoint: of a transport that runs on top of tcp.
    init(address: TCPEndpoint, as endpoint: Endpoint) { (self.address, self.endpoint) = (address, endpoint) }

    var family: ByteStream.Family { .internet }

    func listen(_ options: SocketOptions) throws(ZMQError) -> ListeningDescriptor {
        let local = try localAddresses(of: address.target, options)[0]
        let descriptor = StreamDescriptor.open(local.family)
        guard descriptor >= 0 else { throw .system(errno, doing: "open a socket", endpoint: "\(endpoint)") }
        do throws(ZMQError) {
            StreamDescriptor.set(SOL_SOCKET, SO_REUSEADDR, 1, on: descriptor)
            if local.family == AF_INET6 {
                // An IPv4-mapped address is one of IPv4, which a socket for IPv6 alone does not bind to.
                let takesIPv4 = address.target.host == .any || local.isIPv4Mapped
                StreamDescriptor.set(IPPROTO_IPV6, IPV6_V6ONLY, takesIPv4 ? 0 : 1, on: descriptor)
            }
            try applyOptions(options, on: descriptor, local.family)
            guard local.withPointer({ bind(descriptor, $0, $1) }) == 0 else {
                throw .system(errno, doing: "bind", endpoint: "\(endpoint)")
            }
            guard Glibc.listen(descriptor, CInt(clamping: options.backlog)) == 0 else {
                throw .system(errno, doing: "listen", endpoint: "\(endpoint)")
            }
            return ListeningDescriptor(descriptor: descriptor, endpoint: .tcp(try TCPEndpoint(boundTo: descriptor)))
        } catch {
            close(descriptor)
            throw error
        }
    }

    func resolve(_ endpoint: EndpointOptions, on reactor: Reactor, _ completion: @escaping Resolved) {
        // A proxy is what we connect to, when there is one.
        let target = endpoint.options.proxyAddress ?? address.target
        func resolveTarget(from sources: [SocketAddress]) {
            lookUp(target, on: reactor) {
                completion(Self.sorted($0, endpoint.options), sources, EventReason(.unknownHost, $1))
            }
        }
        guard let source = address.source else { return resolveTarget(from: []) }
        lookUp(source, isLocal: true, on: reactor) { sources, reason in
            guard sources.isEmpty else { return resolveTarget(from: sources) }
            completion([], [], EventReason(.unknownHost, source.host.isNotLocal(because: reason)))
        }
    }

    /// Finds the addresses of a host without blocking the loop; none with the reason when there are none.
    func lookUp(
        _ host: TCPAddress,
        isLocal: Bool = false,
        on reactor: Reactor,
        _ completion: @escaping ([SocketAddress], String) -> Void
    ) {
        if case .name(let name) = host.host {
            let found = isLocal ? SocketAddress.ofInterface(name, port: host.port) : []
            guard found.isEmpty else { return completion(found, "") }
            let resolver = Resolver.of(reactor)
            return resolver.resolve(name, port: host.port, family: AF_UNSPEC, on: reactor, completion)
        }
        // A number needs no look-up.
        if let address = SocketAddress(host) { return completion([address], "") }
        let (addresses, reason) = SocketAddress.resolve(
            host.host.lookupName,
            port: host.port,
            family: AF_UNSPEC,
            isLocal: isLocal
        )
        completion(addresses, reason)
    }

    func prepare(
        _ descriptor: CInt,
        for remote: SocketAddress,
        from sources: [SocketAddress],
        _ options: EndpointOptions
    ) throws(ZMQError) {
        try applyOptions(options.options, on: descriptor, remote.family)
        guard let source = address.source else { return }
        guard let local = sources.first(where: { $0.family == remote.family }) else {
            throw ZMQError(
                .addressNotAvailable,
                "the source address is of another kind than the host's",
                endpoint: "\(endpoint)"
            )
        }
        StreamDescriptor.set(SOL_SOCKET, SO_REUSEADDR, 1, on: descriptor)
        // The port is chosen when it connects: then only the pair of addresses must be unique, see ip(7).
        if source.isEphemeral { StreamDescriptor.set(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1, on: descriptor) }
        guard local.withPointer({ bind(descriptor, $0, $1) }) == 0 else {
            throw .system(errno, doing: "bind to the source address", endpoint: "\(endpoint)")
        }
    }

    func configure(_ descriptor: CInt, _ endpoint: EndpointOptions) {
        // Batching is ours: every write is a whole turn's worth.
        StreamDescriptor.set(IPPROTO_TCP, TCP_NODELAY, 1, on: descriptor)
    }

    func prelude(_ endpoint: EndpointOptions) -> (any Prelude)? {
        guard endpoint.options.socksProxy != nil else { return nil }
        let credentials = endpoint.options.socksUser.map {
            SocksClient.Credentials(user: $0, password: endpoint.options.socksPassword ?? Password(""))
        }
        return SocksClient(target: address.target, credentials: credentials)
    }
}

extension SocketOptions {
    /// `socksProxy`, taken apart.
    fileprivate var proxyAddress: TCPAddress? {
        socksProxy.flatMap { try? TCPEndpoint(Substring($0), in: "tcp://\($0)") }?.target
    }
}
