public import ZMTP

/// Events of a ``DealerSocket``.
public protocol DealerHandler: AnyObject {
    /// A message has arrived.
    func socket(_ socket: DealerSocket, received message: Message)

    /// The socket can send again after a send that would have blocked.
    func socketIsWritable(_ socket: DealerSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: DealerSocket)
}

extension DealerHandler {
    public func socketIsWritable(_ socket: DealerSocket) {}
    public func socketClosed(_ socket: DealerSocket) {}
}

/// Sends to its peers in turn and receives from them in turn, both at any time (RFC 28).
///
/// Messages are sent unchanged. Each goes to the next peer whose queue has room; if there is none, `send` returns
/// `wouldBlock` and does not accept the message. To talk to a REP peer, put an empty frame first; to match replies to
/// requests, put frames of your own before it: REP and ROUTER return them.
public final class DealerSocket: Socket, ShareableSocket, ClosureSocket, RoutableSocket {
    /// Whether each new peer is sent an empty message, so that a ROUTER knows this socket before the first message.
    /// Default false.
    public var probesPeers: Bool {
        get { balancer.probesPeers }
        set { balancer.probesPeers = newValue }
    }

    private var handler: (any DealerHandler)?
    private let balancer = LoadBalancer()

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any DealerHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.dealer, place, options, by: balancer, isReceiver: handler != nil)
    }

    public static func _handler(_ closure: _ClosureHandler<DealerSocket>) -> any DealerHandler { closure }

    public func send(_ message: Message) throws(ZMQError) -> SendResult { try balancer.send(message, from: self) }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try balancer.send(bytes, from: self) }

    /// Sends a request that carries a number, as a REQ does that correlates its replies.
    func send(_ request: borrowing Message, numbered number: UInt32) throws(ZMQError) -> SendResult {
        try RequestEnvelope.withWireForm(ofNumber: number) { prefix throws(ZMQError) in
            try balancer.send(request, behind: prefix, frames: 2, from: self)
        }
    }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        deliver(&batch, to: handler) { $0.socket(self, received: $1) }
    }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

extension _ClosureHandler: DealerHandler where Source == DealerSocket {}
