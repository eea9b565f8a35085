package import ZMTP

/// Receives the events of all sockets of a context, each on the thread of its socket; see `Context.reportEvents(to:)`.
package protocol ContextEventReceiver: AnyObject, Sendable {
    /// - Parameter source: the socket.
    func take(_ event: SocketEvent, of source: EventSource)
}

/// The socket of an event, for other threads.
package struct EventSource: Sendable, Hashable {
    /// Distinguishes it from all other sockets of the program.
    package let number: Int
    package let type: SocketType
}
