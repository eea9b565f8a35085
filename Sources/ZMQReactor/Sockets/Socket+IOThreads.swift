extension Socket {
    /// Listens on this thread, or in a session.
    ///
    /// - Parameter open: returns the descriptor, which belongs to the listener from then on: nothing throws after it.
    func makeListener(
        _ transport: any StreamTransport,
        opening open: () throws(ZMQError) -> ListeningDescriptor
    ) throws(ZMQError) -> any Listener {
        guard context.ioThreads > 0 else { return StreamListener(transport, of: self, endpointOptions, on: try open()) }
        let place = try context.io.borrow(affinity: options.affinity)
        do throws(ZMQError) {
            return SessionAcceptor(transport, of: self, endpointOptions, on: try open(), at: place)
        } catch {
            place.giveBack()
            throw error
        }
    }

    /// Connects from this thread, or in a session.
    func makeConnector(_ transport: any StreamTransport) throws(ZMQError) -> any Connector {
        guard context.ioThreads > 0 else { return StreamConnector(transport, of: self, endpointOptions) }
        let place = try context.io.borrow(affinity: options.affinity)
        return SessionDialer(transport, of: self, endpointOptions, at: place)
    }

    /// The socket has begun or ceased to reject further peers: sessions reject them, so that their messages stay with
    /// them.
    func refusalChanged() {
        for case let acceptor as SessionAcceptor in listeners { acceptor.rejectionChanged() }
    }
}
