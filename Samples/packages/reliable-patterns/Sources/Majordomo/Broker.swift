public import ZMQReactor

/// The broker of the Majordomo Protocol 0.2 (RFC 18): clients ask for a service by its name, and each request is given
/// to a worker that has registered for it. Clients and workers connect to the same endpoint.
///
/// A worker is lost when its connection ends, and also when it is silent for too long; its request then goes to
/// another. The broker keeps nothing that must survive: after a restart, workers register again, and clients ask again.
public final class Broker: RouterHandler {
    public struct Settings: Sendable {
        public var heartbeats = HeartbeatSettings()

        /// How long a request waits for a worker. Default 30 s.
        public var requestLifetime: Duration = .seconds(30)

        /// To how many workers a request is given, if each is lost before it replies. Default 3.
        public var maxDeliveries = 3

        public init() {}
    }

    private var dispatcher: Dispatcher
    private var timer: ReactorTimer?

    private init(_ settings: Settings) { dispatcher = Dispatcher(settings) }

    /// Starts a broker at an endpoint. It ends when its socket is closed, or its context terminated.
    ///
    /// - Returns: The socket.
    @discardableResult
    public static func start(
        at endpoint: String,
        on reactor: Reactor,
        in context: Context,
        settings: Settings = Settings()
    ) throws(ZMQError) -> RouterSocket {
        let broker = Broker(settings)
        let socket = try RouterSocket(on: reactor, in: context, handler: broker)
        // A peer that cannot take a message is dropped, instead of the message: see `send`.
        socket.isMandatory = true
        try socket.bind(endpoint)
        broker.timer = reactor.every(settings.heartbeats.interval) { [weak broker, unowned reactor, unowned socket] _ in
            broker?.dispatcher.tick(now: reactor.now)
            broker?.send(over: socket)
        }
        return socket
    }

    public func socket(_ socket: RouterSocket, received message: Message) {
        dispatcher.receive(message, now: socket.reactor.now)
        send(over: socket)
    }

    public func socket(_ socket: RouterSocket, disconnected peer: RouterPeer) {
        dispatcher.peerLeft(peer.routingID)
        send(over: socket)
    }

    public func socketClosed(_ socket: RouterSocket) { timer?.cancel() }

    private func send(over socket: RouterSocket) {
        for (recipient, message) in dispatcher.takeOutbox() {
            do {
                // A peer whose queue is full does not read. As it would miss this message, it has to begin anew.
                if try socket.send(message, to: recipient) == .wouldBlock { socket.peer(recipient)?.disconnect() }
            } catch {
                // The peer has left, which its `disconnected` call reports, or the socket is closed.
            }
        }
    }
}
