import EventReactor
import Glibc

extension Socket {
    /// Listens at an endpoint, where any number of peers may connect.
    ///
    /// A socket may bind to many endpoints and connect to many others.
    ///
    /// - Parameter endpoint: `tcp://address:port`, `ipc://path`, `ipc://@name`, `inproc://name`, `udp://address:port` and
    ///   `udp://interface;group:port`, see <doc:Datagrams>, or
    ///   `epgm://interface;group:port` and `pgm://interface;group:port`, see <doc:Multicast>. The address is a numeric one, a name, which is looked up at once, the name of a network interface, or `*` for all; the port may
    ///   be `*` for a free one, and so may the path, which conventionally ends in `.ipc`. An ipc path is taken over
    ///   from any socket bound to it; any other endpoint that is in use is an error.
    /// - Returns: The resolved endpoint, without wildcards.
    /// - Throws: `invalidArgument` or `protocolNotSupported` for an endpoint that does not parse, `nameTooLong`,
    ///   `addressInUse`,
    ///   `addressNotAvailable`, `noSuchDevice`, `permissionDenied`, `incompatibleProtocol` for a type that
    ///   the transport does not go with, such as STREAM over inproc, or DGRAM over tcp, `wrongState` for a DGRAM that is
    ///   bound, `closed`, `terminated`.
    @discardableResult
    public func bind(_ endpoint: String) throws(ZMQError) -> String {
        guard state == .open else { throw closedError() }
        do throws(ZMQError) {
            let transport = try Transports.parse(endpoint)
            try transport.validateForBinding()
            try requireFitting(transport)
            return add(try makeListener(at: transport))
        } catch {
            throw error.concerning(endpoint)
        }
    }

    /// Listens on a descriptor that is already bound and listening, such as an inherited one.
    ///
    /// - Parameter descriptor: a tcp or Unix domain stream socket. When this returns, it belongs to this socket, which
    ///   makes it non-blocking and close-on-exec, sets the tcp options that are not nil, and eventually closes it. When
    ///   this throws, the descriptor is unchanged and remains the caller's.
    /// - Returns: The endpoint to which it is bound.
    /// - Throws: `invalidArgument` for a descriptor that does not listen, or for an affinity without a thread of the
    ///   context, `noIOThread`, `closed`, `terminated`.
    @discardableResult
    public func bind(listening descriptor: CInt) throws(ZMQError) -> String {
        guard state == .open else { throw closedError() }
        guard let family = StreamDescriptor.familyOfListener(descriptor),
            let transport = try Transports.address(boundTo: descriptor, family),
            let streams = transport.byteStreams
        else {
            throw ZMQError(.invalidArgument, "descriptor \(descriptor) is not a listening stream socket")
        }
        try requireFitting(transport)
        let listener = try makeListener(streams) { () throws(ZMQError) in
            try streams.adopt(descriptor, options)
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            return ListeningDescriptor(descriptor: descriptor, endpoint: Endpoint(transport))
        }
        return add(listener)
    }

    /// Listens on all descriptors that the service manager has passed to this process under a name: socket activation,
    /// see sd_listen_fds(3) and `FileDescriptorName=` in systemd.socket(5). Each can be taken once.
    ///
    /// - Parameter name: the name of the socket unit's descriptors, by default that of the unit, such as `feed.socket`;
    ///   without names in the environment, each is called `unknown`.
    /// - Returns: The endpoints to which they are bound.
    /// - Throws: As ``bind(listening:)``, and `noSuchEndpoint` when no descriptor of this name has been passed, or it
    ///   has been taken. When this throws, the descriptors from the one that is refused can be taken again.
    @discardableResult
    public func bind(passed name: String) throws(ZMQError) -> [String] {
        guard state == .open else { throw closedError() }
        var descriptors = try PassedDescriptors.takeFromEnvironment(named: name)[...]
        var endpoints: [String] = []
        while let descriptor = descriptors.first {
            do throws(ZMQError) {
                endpoints.append(try bind(listening: descriptor))
            } catch {
                PassedDescriptors.giveBack(Array(descriptors), named: name)
                throw error
            }
            descriptors.removeFirst()
        }
        return endpoints
    }

    private func add(_ listener: Listener) -> String {
        listeners.append(listener)
        let bound = "\(listener.endpoint)"
        lastEndpoint = bound
        observer.record(.listening(listener.endpoint))
        listener.start()
        return bound
    }

    /// Connects to an endpoint, in the background, retrying until it succeeds, and reconnects whenever the connection
    /// is lost.
    ///
    /// The peer need not be reachable yet: messages can be queued at once.
    ///
    /// Connecting again to the same endpoint, in the same or another spelling, has no effect with SUB, XSUB, PUB, XPUB,
    /// DEALER, REQ, CLIENT, RADIO and DISH, and ``SocketEvent/connectIgnored(endpoint:)`` reports this: every message would arrive twice, or
    /// the same peer would count as two. With any other type but PAIR and CHANNEL it makes a further connection, which
    /// gets its own share of the messages, or is its own byte stream. After ``disconnect(_:_:)`` the endpoint can be
    /// connected to again at once, even while the previous connection lingers.
    ///
    /// A socket may connect to an endpoint to which it is itself bound, if its type is compatible: it is then its own
    /// peer.
    ///
    /// - Parameter endpoint: `tcp://host:port`, `tcp://source;host:port`, where the source is a local address or
    ///   network interface and a port or `*`, `ipc://path`, `ipc://@name`, `inproc://name`, `udp://host:port` and
    ///   `udp://interface;group:port`, see <doc:Datagrams>, or
    ///   `epgm://interface;group:port` and `pgm://interface;group:port`, see <doc:Multicast>. Names of hosts and
    ///   interfaces are looked up in the background, again for each attempt, and all addresses of the host are tried.
    /// - Throws: `invalidArgument` or `protocolNotSupported` for an endpoint that does not parse, `nameTooLong`,
    ///   `wrongState` for a PAIR or CHANNEL that has its peer, `incompatibleProtocol` for a type
    ///   that the transport does not go with, such as STREAM over inproc, `closed`, `terminated`.
    public func connect(_ endpoint: String) throws(ZMQError) {
        guard state == .open else { throw closedError() }
        let connector: Connector
        do throws(ZMQError) {
            let transport = try Transports.parse(endpoint)
            try transport.validateForConnecting()
            try requireFitting(transport)
            if !connectors.isEmpty || !hosts.isEmpty, type.traits.contains(.connectsOnce),
                isConnecting(to: Endpoint(transport))
            {
                return observer.record(.connectIgnored(Endpoint(transport)))
            }
            if let reason = refusalOfPeers { throw ZMQError(.wrongState, reason) }
            if options.connectsToAllAddresses, let host = transport as? any HostAddress, host.namesHost(for: options) {
                return connect(toAll: host)
            }
            connector = try makeConnector(to: transport, endpointOptions)
        } catch {
            throw error.concerning(endpoint)
        }
        connectors.append(connector)
        connector.start()
    }

    /// Keeps a connection to each address of the host.
    private func connect(toAll host: any HostAddress) {
        let connections = HostConnections(to: host, of: self, endpointOptions)
        hosts.append(connections)
        connections.start()
    }

    /// Whether there is a connection to the endpoint, or an attempt to make one, that has not been ended.
    func isConnecting(to endpoint: Endpoint) -> Bool {
        connectors.contains { $0.endpoint == endpoint && !$0.isClosing && !$0.isClosed }
            || hosts.contains { $0.endpoint == endpoint }
    }

    /// Stops listening at an endpoint. Connections accepted there stay.
    ///
    /// - Parameter endpoint: the resolved endpoint, as ``bind(_:)`` returned it.
    /// - Throws: `noSuchEndpoint` when the socket is not bound to it, `closed`, `terminated`.
    public func unbind(_ endpoint: String) throws(ZMQError) {
        guard state == .open else { throw closedError() }
        let parsed = try Endpoint(endpoint)
        guard let listener = listeners.first(where: { $0.isListening && $0.endpoint == parsed }) else {
            throw ZMQError(.noSuchEndpoint, "the socket is not bound to this endpoint", endpoint: endpoint)
        }
        listener.stopListening()
        forgetFinishedTransports()
    }

    /// Ends the connection to an endpoint, and makes no further one. Messages queued for it are sent for as long as
    /// ``SocketOptions/linger`` allowed when it was connected; no further message is queued for it.
    ///
    /// With ``SocketOptions/connectsToAllAddresses`` this ends the connections to all addresses of the host. A single
    /// one of them can be ended by its address; it is connected to again when the name has been without it.
    ///
    /// - Parameters:
    ///   - endpoint: as it was passed to ``connect(_:)``.
    ///   - completion: called on the reactor, once, when the connection is gone, with the messages that could not be
    ///     sent and are dropped.
    /// - Throws: `noSuchEndpoint` when the socket is not connected to it, `closed`, `terminated`.
    public func disconnect(
        _ endpoint: String,
        _ completion: @escaping (CloseReport) -> Void = { _ in }
    ) throws(ZMQError) {
        guard state == .open else { throw closedError() }
        let parsed = try Endpoint(endpoint)
        if let position = hosts.firstIndex(where: { $0.endpoint == parsed }) {
            return hosts.remove(at: position).disconnect(completion)
        }
        guard let connector = connectors.first(where: { $0.endpoint == parsed && !$0.isClosing }) else {
            throw ZMQError(.noSuchEndpoint, "the socket is not connected to this endpoint", endpoint: endpoint)
        }
        connector.disconnect(completion)
    }

    /// Throws when the type cannot have peers over the endpoint's transport.
    private func requireFitting(_ transport: some Transport) throws(ZMQError) {
        let scheme = Swift.type(of: transport).scheme
        if type.traits.contains(.raw), !transport.carriesBytes {
            throw ZMQError(.incompatibleProtocol, "\(type) needs a byte stream, which \(scheme) does not provide")
        }
        if type.traits.contains(.datagrams), !transport.carriesDatagrams {
            throw ZMQError(.incompatibleProtocol, "\(type) is for udp, and not for \(scheme)")
        }
    }

    func forgetFinishedTransports() {
        connectors.removeAll { $0.isClosed }
        listeners.removeAll { !$0.isListening && $0.connectionCount == 0 }
    }

    func closedError() -> ZMQError {
        context.isTerminated
            ? ZMQError(.terminated, "the context is terminated") : ZMQError(.closed, "the socket is closed")
    }
}
