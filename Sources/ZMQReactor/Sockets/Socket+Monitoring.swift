extension Socket {
    /// The socket's current connections, including those in the handshake.
    ///
    /// A snapshot for people and monitoring programs; it gives no control over the connections.
    public var connections: [ConnectionInfo] {
        listeners.flatMap(\.connectionInfo) + connectors.flatMap(\.connectionInfo)
    }

    /// The endpoints to which the socket is bound or connected, bound ones first.
    package var endpoints: [EndpointInfo] { listeners.map(\.endpointInfo) + connectors.map(\.endpointInfo) }

    /// The socket, as its events name it.
    final var source: EventSource { EventSource(number: number, type: type) }

    final func reportEvents(to receiver: any ContextEventReceiver) { observer.add(receiver, for: source) }

    final func reportNoEvents(to receiver: any ContextEventReceiver) { observer.remove(receiver) }

    /// Messages queued for all peers together.
    public var messagesQueued: Int { unsentMessages }

    /// Messages that have arrived from all peers together and have not been received by the application.
    public var messagesWaiting: Int { pipes.reduce(0) { $0 + ($1?.inbound.count ?? 0) } }

    /// Adds a receiver of the socket's events, which is not kept. Returns false if the socket is closed: no events
    /// follow.
    package func add(_ receiver: any SocketEventReceiver) -> Bool {
        guard state != .closed else { return false }
        observer.add(receiver)
        return true
    }

    /// Drops messages that have arrived and are not for this socket.
    final func discard(_ batch: consuming MessageBatch) {
        observer.record(.received(batch.count))
        drop(batch.count, .unexpected)
    }

    /// Counts dropped messages.
    @inline(never)
    final func drop(_ count: Int, _ reason: DropReason) {
        if count > 0 { observer.record(.dropped(count, reason)) }
    }
}
