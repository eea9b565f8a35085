import EventReactor
import Glibc

extension Socket {
    /// Listens at an endpoint, where any number of peers may connect.
    ///
    /// A socket may bind to many endpoints and connect to many others.
    ///
    /// - Parameter endpoint: `tcp://address:port`, `ipc://path`, `ipc://@name` or `inproc://name`. The address is a numeric one, a
    ///   name, which is looked up at once, that of a network interface, or `*` for all; the port may be `*` for a free one, and so
    ///   may the path, which conventionally ends in `.ipc`. An ipc path is taken over from whoever is bound to it; any other
    ///   endpoint that is in use is an error.
    /// - Returns: The endpoint as it really is, wildcards filled in.
    /// - Throws: `invalidArgument` or `protocolNotSupported` for an endpoint that does not parse, `nameTooLong`, `addressInUse`,
    ///   `addressNotAvailable`, `noSuchDevice`, `permissionDenied`, `incompatibleProtocol` for STREAM over inproc, `closed`,
    ///   `terminated`.
    @discardableResult
    public func bind(_ endpoint: String) throws(ZMQError) -> String {
        guard state == .open else { throw closedError() }
        do throws(ZMQError) {
            let parsed = try Endpoint(endpoint)
            try parsed.validateForBinding()
            try requireTransport(of: parsed)
            if case .inproc(let name) = parsed {
                return add(try InprocListener(name, in: context.inproc, of: self, endpointOptions))
            }
            let transport = try transport(for: parsed)
            return add(try makeListener(transport) { () throws(ZMQError) in try transport.listen(options) })
        } catch {
            throw error.concerning(endpoint)
        }
    }

    /// Listens on a descriptor that somebody else has bound and that listens already, such as one that was inherited.
    ///
    /// - Parameter descriptor: a tcp or Unix domain stream socket. When this returns, it belongs to this socket, which makes it non-blocking
    ///   and close-on-exec, sets the options of tcp that are not nil, and closes it in the end. When this throws, it is as it was and stays
    ///   the caller's.
    /// - Returns: The endpoint that it is bound to.
    /// - Throws: `invalidArgument` for a descriptor that does not listen, or for an affinity to no I/O thread of the context,
    ///   `noIOThread`, `closed`, `terminated`.
    @discardableResult
    public func bind(listening descriptor: CInt) throws(ZMQError) -> String {
        guard state == .open else { throw closedError() }
        let endpoint: Endpoint
        switch StreamDescriptor.familyOfListener(descriptor) {
        case AF_INET, AF_INET6: endpoint = try TCPTransport.endpoint(boundTo: descriptor)
        case AF_UNIX: endpoint = try Endpoint("ipc://\(SocketAddress(localEndOf: descriptor)?.unixPath ?? "")")
        default: throw ZMQError(.invalidArgument, "descriptor \(descriptor) is not a stream socket that listens")
        }
        let transport = try transport(for: endpoint)
        let listener = try makeListener(transport) { () throws(ZMQError) in
            try transport.adopt(descriptor, options)
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            return ListeningDescriptor(descriptor: descriptor, endpoint: endpoint)
        }
        return add(listener)
    }

    private func add(_ listener: any Listener) -> String {
        listeners.append(listener)
        let bound = "\(listener.endpoint)"
        lastEndpoint = bound
        observer.record(.listening(listener.endpoint))
        listener.start()
        return bound
    }

    /// Connects to an endpoint, in the background, again and again until it succeeds, and again whenever the connection is lost.
    ///
    /// The peer need not be there yet: messages can be queued at once.
    ///
    /// Connecting again to an endpoint, by the same words or others that mean the same, has no effect with SUB, XSUB, PUB, XPUB, DEALER
    /// and REQ, and ``SocketEvent/connectIgnored(endpoint:)`` says so: every message would arrive twice, or a question be asked of the same peer
    /// as two. With PUSH, PULL, REP, ROUTER and STREAM it makes a further connection: it gets a share of its own, or is a byte stream of its
    /// own. After ``disconnect(_:_:)`` the endpoint can be connected to again at once, also while the connection before it still lingers.
    ///
    /// A socket may connect to an endpoint that it is bound to itself where its type fits: it is then its own peer.
    ///
    /// - Parameter endpoint: `tcp://host:port`, `tcp://source;host:port`, where the source is a local address or network
    ///   interface and a port or `*`, `ipc://path`, `ipc://@name` or `inproc://name`. Names of hosts and interfaces are looked up in the
    ///   background, anew for each attempt, and all addresses of the host are tried.
    /// - Throws: `invalidArgument` or `protocolNotSupported` for an endpoint that does not parse, `nameTooLong`,
    ///   `wrongState` for a PAIR that has its peer, `incompatibleProtocol` for STREAM
    ///   over inproc, `closed`, `terminated`.
    public func connect(_ endpoint: String) throws(ZMQError) {
        guard state == .open else { throw closedError() }
        let connector: any Connector
        do throws(ZMQError) {
            let parsed = try Endpoint(endpoint)
            try parsed.validateForConnecting()
            try requireTransport(of: parsed)
            if !connectors.isEmpty, type.traits.contains(.connectsOnce), isConnecting(to: parsed) {
                return observer.record(.connectIgnored(parsed))
            }
            if let reason = refusalOfPeers { throw ZMQError(.wrongState, reason) }
            connector =
                if case .inproc(let name) = parsed {
                    InprocConnector(name, in: context.inproc, of: self, endpointOptions)
                } else {
                    try makeConnector(transport(for: parsed))
                }
        } catch {
            throw error.concerning(endpoint)
        }
        connectors.append(connector)
        connector.start()
    }

    /// Whether there is a connection to the endpoint, or the attempt to make one, that has not been told to end.
    private func isConnecting(to endpoint: Endpoint) -> Bool {
        connectors.contains { $0.endpoint == endpoint && !$0.isClosing && !$0.isClosed }
    }

    /// Stops listening at an endpoint. Connections that were accepted there stay.
    ///
    /// - Parameter endpoint: the real endpoint, as ``bind(_:)`` returned it.
    /// - Throws: `noSuchEndpoint` when the socket is not bound to it, `closed`, `terminated`.
    public func unbind(_ endpoint: String) throws(ZMQError) {
        guard state == .open else { throw closedError() }
        let parsed = try Endpoint(endpoint)
        guard let listener = listeners.first(where: { $0.isListening && $0.endpoint == parsed }) else {
            throw ZMQError(.noSuchEndpoint, "the socket is not bound to it", endpoint: endpoint)
        }
        listener.stopListening()
        forgetFinishedTransports()
    }

    /// Ends the connection to an endpoint, and makes no further one. What is queued for it leaves for as long as
    /// ``SocketOptions/linger`` said when it was connected; nothing more is queued for it.
    ///
    /// - Parameters:
    ///   - endpoint: as it was given to ``connect(_:)``.
    ///   - completion: called on the reactor, once, when the connection is gone, with what has not left and is dropped.
    /// - Throws: `noSuchEndpoint` when the socket is not connected to it, `closed`, `terminated`.
    public func disconnect(
        _ endpoint: String,
        _ completion: @escaping (CloseReport) -> Void = { _ in }
    ) throws(ZMQError) {
        guard state == .open else { throw closedError() }
        let parsed = try Endpoint(endpoint)
        guard let connector = connectors.first(where: { $0.endpoint == parsed && !$0.isClosing }) else {
            throw ZMQError(.noSuchEndpoint, "the socket is not connected to it", endpoint: endpoint)
        }
        connector.disconnect(completion)
    }

    /// Throws when the type has no peers over the endpoint's transport.
    private func requireTransport(of endpoint: Endpoint) throws(ZMQError) {
        guard type.traits.contains(.raw), case .inproc = endpoint else { return }
        throw ZMQError(
            .incompatibleProtocol,
            "\(type) speaks with plain byte streams, of which there are none over inproc"
        )
    }

    private func transport(for endpoint: Endpoint) throws(ZMQError) -> any StreamTransport {
        switch endpoint {
        case .tcp(let address): TCPTransport(address: address)
        case .ipc(let address): IPCTransport(address: address)
        case .inproc: throw ZMQError(.protocolNotSupported, "the transport is not supported", endpoint: "\(endpoint)")
        }
    }

    func forgetFinishedTransports() {
        connectors.removeAll { $0.isClosed }
        listeners.removeAll { !$0.isListening && $0.connectionCount == 0 }
    }

    func closedError() -> ZMQError {
        context.isTerminated
            ? ZMQError(.terminated, "the context has been terminated") : ZMQError(.closed, "the socket is closed")
    }
}
