extension Socket {
    /// The socket's connections as they are now, those included that still shake hands.
    ///
    /// A snapshot for people and programs that watch; nothing can be done to a connection.
    public var connections: [ConnectionInfo] {
        listeners.flatMap(\.connectionInfo) + connectors.flatMap(\.connectionInfo)
    }

    /// Messages that wait to be sent, to all peers together.
    public var messagesQueued: Int { unsentMessages }

    /// Messages that have arrived and that the application has not taken, from all peers together.
    public var messagesWaiting: Int { pipes.reduce(0) { $0 + ($1?.inbound.count ?? 0) } }

    /// Counts messages that are dropped.
    @inline(never)
    final func drop(_ count: Int, _ reason: DropReason) {
        if count > 0 { observer.record(.dropped(count, reason)) }
    }
}
