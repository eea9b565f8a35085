/// A snapshot of an endpoint that a socket is bound or connected to; see `Socket.endpoints`.
package struct EndpointInfo: Sendable, Equatable {
    package enum State: String, Sendable {
        /// Bound: peers may connect.
        case listening
        /// An attempt to connect, or a handshake, is in progress.
        case connecting
        /// The handshake is complete.
        case connected
        /// The next attempt follows after a pause.
        case waiting
        /// No further peer is accepted, or attempt made; what is queued may still leave.
        case closing
    }

    package let endpoint: String
    package let state: State

    /// What is queued for the endpoint, whether or not there is a connection. Empty for a bound one, whose queues belong
    /// to its connections.
    package let sendQueue: QueueLevel
}
