import EventReactor

extension Socket {
    /// Listens at an endpoint, where any number of peers may connect.
    ///
    /// A socket may bind to many endpoints and connect to many others.
    ///
    /// - Parameter endpoint: `tcp://address:port`. The address is a numeric one, a name, or `*` for all; the port may be
    ///   `*` for a free one.
    /// - Returns: The endpoint as it really is, wildcards filled in.
    /// - Throws: `invalidArgument` or `protocolNotSupported` for an endpoint that does not parse, `addressInUse`,
    ///   `addressNotAvailable`, `noSuchDevice`, `closed`, `terminated`.
    @discardableResult
    public func bind(_ endpoint: String) throws(ZMQError) -> String {
        guard state == .open else { throw closedError() }
        let parsed = try Endpoint(endpoint)
        try parsed.validateForBinding()
        let listener: any Listener =
            if case .inproc(let name) = parsed {
                try InprocListener(name, of: self)
            } else {
                try StreamListener(transport(for: parsed), of: self)
            }
        listeners.append(listener)
        let bound = "\(listener.endpoint)"
        lastEndpoint = bound
        emit(.listening(endpoint: bound))
        return bound
    }

    /// Connects to an endpoint, in the background, again and again until it succeeds, and again whenever the connection is lost.
    ///
    /// The peer need not be there yet: messages can be queued at once.
    ///
    /// - Parameter endpoint: `tcp://host:port`.
    /// - Throws: `invalidArgument` or `protocolNotSupported` for an endpoint that does not parse, `wrongState` for a PAIR that
    ///   has its peer, `closed`, `terminated`.
    public func connect(_ endpoint: String) throws(ZMQError) {
        guard state == .open else { throw closedError() }
        let parsed = try Endpoint(endpoint)
        try parsed.validateForConnecting()
        if let reason = refusalOfPeers { throw ZMQError(.wrongState, reason, endpoint: endpoint) }
        let connector: any Connector =
            if case .inproc(let name) = parsed {
                InprocConnector(name, of: self)
            } else {
                StreamConnector(try transport(for: parsed), of: self)
            }
        connectors.append(connector)
        connector.start()
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

    /// Ends the connection to an endpoint, after what is queued for it has left, and makes no further one.
    ///
    /// - Throws: `noSuchEndpoint` when the socket is not connected to it, `closed`, `terminated`.
    public func disconnect(_ endpoint: String) throws(ZMQError) {
        guard state == .open else { throw closedError() }
        let parsed = try Endpoint(endpoint)
        guard let connector = connectors.first(where: { $0.endpoint == parsed }) else {
            throw ZMQError(.noSuchEndpoint, "the socket is not connected to it", endpoint: endpoint)
        }
        connector.close(afterSending: options.linger != .none)
    }

    private func transport(for endpoint: Endpoint) throws(ZMQError) -> any StreamTransport {
        switch endpoint {
        case .tcp(let address): TCPTransport(address: address)
        case .ipc, .inproc:
            throw ZMQError(.protocolNotSupported, "the transport is not supported", endpoint: "\(endpoint)")
        }
    }

    /// A listener has lost a connection, or a connector has ended.
    func transportChanged() {
        forgetFinishedTransports()
        finishClosingIfDone()
    }

    private func forgetFinishedTransports() {
        connectors.removeAll { $0.isClosed }
        listeners.removeAll { !$0.isListening && $0.connectionCount == 0 }
    }

    func closedError() -> ZMQError {
        context.isTerminated
            ? ZMQError(.terminated, "the context has been terminated") : ZMQError(.closed, "the socket is closed")
    }
}
