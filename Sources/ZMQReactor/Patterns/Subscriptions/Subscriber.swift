/// A peer of an ``XPubSocket``, as the socket's handler is told of it. It may be kept.
public struct Subscriber {
    let pipe: Pipe
    private let number: Int

    init(pipe: Pipe) {
        self.pipe = pipe
        number = pipe.peerNumber
    }

    /// Whether its connection is up.
    public var isConnected: Bool { pipe.peer != nil && pipe.peerNumber == number }

    /// The endpoint that we bound or connected to, and that it is reached by.
    public var endpoint: String { "\(pipe.endpoint)" }

    /// Ends its connection, which the peer is free to make again.
    ///
    /// - Parameter reason: what the `disconnected` event says.
    public func disconnect(because reason: String) { if isConnected { pipe.link?.turnAway(reason) } }
}

extension Subscriber: Hashable {
    public static func == (left: Subscriber, right: Subscriber) -> Bool { left.number == right.number }
    public func hash(into hasher: inout Hasher) { hasher.combine(number) }
}
