extension Socket {
    /// Listens on this thread, or has an outpost do it.
    ///
    /// - Parameter open: answers the descriptor, which belongs to the listener from then on: nothing throws behind it.
    func makeListener(
        _ transport: any StreamTransport,
        opening open: () throws(ZMQError) -> ListeningDescriptor
    ) throws(ZMQError) -> any Listener {
        guard context.ioThreads > 0 else { return StreamListener(transport, of: self, on: try open()) }
        let place = try context.io.borrow(affinity: options.affinity)
        do throws(ZMQError) {
            return RemoteListener(transport, of: self, on: try open(), at: place)
        } catch {
            context.io.giveBack(place)
            throw error
        }
    }

    /// Connects from this thread, or has an outpost do it.
    func makeConnector(_ transport: any StreamTransport) throws(ZMQError) -> any Connector {
        guard context.ioThreads > 0 else { return StreamConnector(transport, of: self) }
        return RemoteConnector(transport, of: self, at: try context.io.borrow(affinity: options.affinity))
    }

    /// Whether further peers are welcome has changed: the outposts turn them away, so that what they have to send stays with them.
    func refusalChanged() {
        for case let listener as RemoteListener in listeners { listener.tellRefusal(refusalOfPeers) }
    }
}
