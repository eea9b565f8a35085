public import ZMTP

/// Events of a ``PairSocket``.
public protocol PairHandler: AnyObject {
    /// A message has arrived.
    func socket(_ socket: PairSocket, received message: Message)

    /// The socket can send again after a send that would have blocked.
    func socketIsWritable(_ socket: PairSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: PairSocket)
}

extension PairHandler {
    public func socketIsWritable(_ socket: PairSocket) {}
    public func socketClosed(_ socket: PairSocket) {}
}

/// Exchanges messages with exactly one peer (RFC 31).
///
/// The peer is the endpoint this socket connects to, whether or not it is reachable, or the first peer that connects to
/// it, for as long as that connection lasts. Further peers are rejected before the handshake, so that their messages
/// stay with them; they retry and are accepted when the first has left. Without a peer, or when its queue is full,
/// `send` returns `wouldBlock` and does not accept the message. Messages queued for a peer that had connected to this
/// socket are dropped when it leaves, and counted.
public final class PairSocket: Socket, SendingSocket, ClosureSocket {
    private var handler: (any PairHandler)?
    let partner = ExclusivePeer(of: .pair)

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any PairHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.pair, place, options, by: partner, isReceiver: handler != nil)
    }

    public static func _handler(_ closure: _ClosureHandler<PairSocket>) -> any PairHandler { closure }

    /// Delivers messages to this handler from now on, beginning with the queued ones: for a socket that was created
    /// elsewhere, such as ``PairThread/socket``. No effect after closing.
    public func handle(with handler: any PairHandler) {
        guard state == .open else { return }
        self.handler = handler
        handlerType = Swift.type(of: handler)
        hasHandler = true
        scheduleDrain()
    }

    /// Delivers messages to this closure from now on, beginning with the queued ones. See ``handle(with:)``.
    public func onMessage(_ received: @escaping (PairSocket, Message) -> Void) {
        handle(with: _ClosureHandler(received))
    }

    public func send(_ message: Message) throws(ZMQError) -> SendResult { try partner.send(message, from: self) }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try partner.send(bytes, from: self) }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        deliver(&batch, to: handler) { $0.socket(self, received: $1) }
    }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

extension _ClosureHandler: PairHandler where Source == PairSocket {}
