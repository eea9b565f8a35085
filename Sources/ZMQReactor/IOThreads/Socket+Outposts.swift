extension Socket {
    /// Whether connections live on I/O threads. Those of a socket that conflates do not: it has no queue to fill while the application
    /// is busy.
    private var hasOutposts: Bool { context.ioThreads > 0 && !options.conflates }

    /// Listens on this thread, or has an outpost do it.
    ///
    /// - Parameter listening: a descriptor that listens already; nil for one that is opened here.
    func makeListener(
        _ transport: any StreamTransport,
        on listening: ListeningDescriptor? = nil
    ) throws(ZMQError) -> any Listener {
        guard hasOutposts else {
            guard let listening else { return try StreamListener(transport, of: self) }
            return try StreamListener(transport, of: self, on: listening)
        }
        let place = try context.io.borrow(affinity: options.affinity)
        var listening = listening
        do throws(ZMQError) {
            if listening == nil { listening = try transport.listen(options) }
        } catch {
            context.io.giveBack(place)
            throw error
        }
        return RemoteListener(transport, of: self, on: listening!, at: place)
    }

    /// Connects from this thread, or has an outpost do it.
    func makeConnector(_ transport: any StreamTransport) throws(ZMQError) -> any Connector {
        guard hasOutposts else { return try StreamConnector(transport, of: self) }
        try transport.validateForConnecting(options)
        return RemoteConnector(transport, of: self, at: try context.io.borrow(affinity: options.affinity))
    }

    /// Whether further peers are welcome has changed: the outposts turn them away, so that what they have to send stays with them.
    func refusalChanged() {
        for case let listener as RemoteListener in listeners { listener.tellRefusal(refusalOfPeers) }
    }
}
