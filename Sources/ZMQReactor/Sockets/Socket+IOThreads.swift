extension Socket {
    /// Listens on this thread, or in a session where there can be one.
    func makeListener(at address: some Transport) throws(ZMQError) -> Listener {
        guard let streams = sessionTransport(of: address) else {
            let acceptor = try address.acceptor(of: self, endpointOptions) { context.inproc }
            return Listener(acceptor, of: self, endpointOptions)
        }
        return try makeSession(streams) { () throws(ZMQError) in try streams.listen(options) }
    }

    /// As `makeListener(at:)`, at a descriptor that `open` returns. It belongs to the listener from then on: nothing
    /// throws behind it.
    func makeListener(
        _ streams: any ByteStreamTransport,
        opening open: () throws(ZMQError) -> ListeningDescriptor
    ) throws(ZMQError) -> Listener {
        guard context.ioThreads == 0 else { return try makeSession(streams, opening: open) }
        return Listener(ByteStreamAcceptor(streams, on: try open()), of: self, endpointOptions)
    }

    /// What opens connections in a session; nil where there can be none.
    private func sessionTransport(of address: some Transport) -> (any SessionTransport)? {
        guard context.ioThreads > 0 else { return nil }
        return context.io.areOfScene ? address.streamsOfScene : address.byteStreams
    }

    private func makeSession(
        _ streams: any SessionTransport,
        opening open: () throws(ZMQError) -> ListeningDescriptor
    ) throws(ZMQError) -> Listener {
        let place = try context.io.borrow(affinity: options.affinity)
        do throws(ZMQError) {
            let acceptor = SessionAcceptor(streams, of: self, endpointOptions, on: try open(), at: place)
            return Listener(acceptor, of: self, endpointOptions)
        } catch {
            place.giveBack()
            throw error
        }
    }

    /// Connects from this thread, or in a session where there can be one.
    func makeConnector(to address: some Transport, _ options: EndpointOptions) throws(ZMQError) -> Connector {
        try address.validateForConnecting(with: options)
        guard let streams = sessionTransport(of: address) else {
            return Connector(try address.dialer(of: self, options) { context.inproc }, of: self, options)
        }
        let place = try context.io.borrow(affinity: options.options.affinity)
        return Connector(SessionDialer(streams, of: self, options, at: place), of: self, options)
    }

    /// The socket has begun or ceased to reject further peers.
    func refusalChanged() {
        for listener in listeners { listener.rejectionChanged() }
    }
}
