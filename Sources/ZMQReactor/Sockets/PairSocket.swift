public import ZMTP

/// What a ``PairSocket`` tells its application.
public protocol PairHandler: AnyObject {
    /// A message has arrived.
    func socket(_ socket: PairSocket, received message: Message)

    /// There is room again after a send that would have blocked.
    func socketIsWritable(_ socket: PairSocket)
}

extension PairHandler {
    public func socketIsWritable(_ socket: PairSocket) {}
}

/// Exchanges messages with exactly one peer (RFC 31).
///
/// The peer is the endpoint we connect to, whether or not it is there, or the first that connects to us, for as long as its
/// connection lasts (PAR-1). Further ones are turned away before the handshake, so that what they have to send stays with them; they
/// try again and get in when the first has left. Without a peer, or when its queue is full, `send` answers `wouldBlock`
/// and takes no message (PAR-8, PAR-9). What was queued for a peer that connected to us is gone when it leaves, and counts
/// as dropped.
public final class PairSocket: Socket, SendingSocket, ClosureSocket {
    private var handler: (any PairHandler)?
    let partner = ExclusivePeer()

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any PairHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.pair, place, options, by: partner, isReceiver: handler != nil)
    }

    public static func _handler(_ closure: _ClosureHandler<PairSocket>) -> any PairHandler { closure }

    /// Gives the messages to this handler from now on, those that wait first: for a socket that somebody else has made, such as
    /// ``PairThread/socket``. After closing, it does nothing.
    public func handle(with handler: any PairHandler) {
        guard state == .open else { return }
        self.handler = handler
        hasHandler = true
        scheduleDrain()
    }

    /// Gives the messages to this closure from now on, those that wait first. See ``handle(with:)``.
    public func onMessage(_ received: @escaping (PairSocket, Message) -> Void) {
        handle(with: _ClosureHandler(received))
    }

    public func send(_ message: Message) throws(ZMQError) -> SendResult { try partner.send(message, from: self) }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try partner.send(bytes, from: self) }

    override func forward(_ run: inout Run, behind prefix: [UInt8]) { partner.forward(&run, behind: prefix, at: self) }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        guard let handler else { return }
        run.forEach(while: { flows }) { handler.socket(self, received: $0) }
    }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    override func forgetHandler() { handler = nil }
}

extension _ClosureHandler: PairHandler where Source == PairSocket {}
