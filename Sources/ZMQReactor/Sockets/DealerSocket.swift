public import ZMTP

/// What a ``DealerSocket`` tells its application.
public protocol DealerHandler: AnyObject {
    /// A message has arrived.
    func socket(_ socket: DealerSocket, received message: Message)

    /// There is room again after a send that would have blocked.
    func socketIsWritable(_ socket: DealerSocket)
}

extension DealerHandler {
    public func socketIsWritable(_ socket: DealerSocket) {}
}

/// Sends to its peers in turn and receives from them in turn, both at any time (RFC 28).
///
/// Messages travel as they are (DLR-2). Each goes to the next peer whose queue has room (DLR-7, DLR-8); when there is none, `send`
/// answers `wouldBlock` and takes no message (DLR-9 to DLR-11). To speak with a REP peer, put an empty frame in front; to
/// tell many replies apart, put frames of your own before that: REP and ROUTER give them back.
public final class DealerSocket: Socket, SendingSocket, ClosureSocket, RoutableSocket {
    /// Whether each new peer is sent an empty message, so that a ROUTER learns of us before we have something to say. Default false.
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

    override func forward(_ run: inout Run, behind prefix: [UInt8]) { balancer.forward(&run, behind: prefix, at: self) }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        guard let handler else { return }
        run.forEach(while: { flows }) { handler.socket(self, received: $0) }
    }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    override func forgetHandler() { handler = nil }
}

extension _ClosureHandler: DealerHandler where Source == DealerSocket {}
