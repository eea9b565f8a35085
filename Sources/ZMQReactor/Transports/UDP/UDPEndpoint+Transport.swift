import ZMTP

/// `udp://`: datagrams, each of which is a message, see udp(7). A RADIO connects, DISH and DGRAM bind.
extension UDPEndpoint: Transport {
    static var scheme: String { "udp" }
    static var form: String { "host:port" }

    static func validate(_ options: SocketOptions) throws(ZMQError) {
        let hops = options.multicastHops
        try options.require((1...255).contains(hops), "multicastHops", "1 to 255", hops)
    }

    var obstacleToConnecting: String? {
        if target.host == .any { return "cannot connect to the wildcard host *; name a host" }
        return target.isEphemeral ? "cannot connect to port 0 or *; name a port from 1 to 65535" : nil
    }

    /// There are no byte streams. Datagrams are sent and received on the thread of the socket.
    var byteStreams: (any ByteStreamTransport)? { nil }

    var carriesDatagrams: Bool { true }

    func dialer(
        of host: any ConnectionHost,
        _ options: EndpointOptions,
        in names: () -> InprocRegistry
    ) throws(ZMQError) -> any Dialer {
        let route = try UDPRoute(to: self, options)
        guard route.use == .sendsToGroups else {
            throw refusal("\(options.profile.type) sockets bind to udp endpoints, and cannot connect to one")
        }
        // An interface that does not exist is an error of the call; what depends on the network is not.
        _ = try route.interfaceIndex()
        return DatagramDialer(route)
    }

    func acceptor(
        of host: any ConnectionHost,
        _ options: EndpointOptions,
        in names: () -> InprocRegistry
    ) throws(ZMQError) -> any Acceptor {
        let route = try UDPRoute(to: self, options)
        guard route.use != .sendsToGroups else {
            throw refusal("RADIO sockets connect to udp endpoints, and cannot bind to one")
        }
        if let reason = host.rejection(of: nil, for: nil) { throw .wrongState(reason.message) }
        let (bound, descriptor) = try route.bound()
        return DatagramAcceptor(bound, descriptor)
    }

    private func refusal(_ reason: String) -> ZMQError {
        ZMQError(.incompatibleProtocol, reason, endpoint: "\(Self.scheme)://\(self)")
    }
}
