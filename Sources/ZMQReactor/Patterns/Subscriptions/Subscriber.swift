/// A peer of an ``XPubSocket``, as the socket's handler sees it. It may be kept.
public struct Subscriber {
    let pipe: Pipe
    private let number: Int

    init(pipe: Pipe) {
        self.pipe = pipe
        number = pipe.peerNumber
    }

    /// Whether its connection is up.
    public var isConnected: Bool { pipe.peer != nil && pipe.peerNumber == number }

    /// The endpoint that was bound or connected to, through which it is reached.
    public var endpoint: String { "\(pipe.endpoint)" }

    /// Closes its connection; the peer may reconnect.
    ///
    /// - Parameter reason: the message of the `disconnected` event.
    public func disconnect(because reason: String) { if isConnected { pipe.link?.reject(reason) } }
}

extension Subscriber: Hashable {
    public static func == (left: Subscriber, right: Subscriber) -> Bool { left.number == right.number }
    public func hash(into hasher: inout Hasher) { hasher.combine(number) }
}
