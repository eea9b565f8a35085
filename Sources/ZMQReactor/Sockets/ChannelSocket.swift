public import ZMTP

/// Events of a ``ChannelSocket``.
public protocol ChannelHandler: AnyObject {
    /// A message has arrived.
    func socket(_ socket: ChannelSocket, received message: Message)

    /// The socket can send again after a send that would have blocked.
    func socketIsWritable(_ socket: ChannelSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: ChannelSocket)
}

extension ChannelHandler {
    public func socketIsWritable(_ socket: ChannelSocket) {}
    public func socketClosed(_ socket: ChannelSocket) {}
}

/// Exchanges messages of one frame with exactly one peer (RFC 52).
///
/// The peer is the endpoint this socket connects to, whether or not it is reachable, or the first peer that connects to
/// it, for as long as that connection lasts; further peers are rejected before the handshake, as by a ``PairSocket``.
/// Without a peer, or when its queue is full, `send` returns `wouldBlock` and does not accept the message. `send`
/// throws for a message of several frames, and a peer that sends one is disconnected. Any thread or task may send with
/// the socket's ``ShareableSocket/handle``.
public final class ChannelSocket: Socket, ShareableSocket, ClosureSocket {
    private var handler: (any ChannelHandler)?
    private let partner = ExclusivePeer(of: .channel)

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any ChannelHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.channel, place, options, by: partner, isReceiver: handler != nil)
    }

    public static func _handler(_ closure: _ClosureHandler<ChannelSocket>) -> any ChannelHandler { closure }

    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        try type.requireOneFrame(message)
        return try partner.send(message, from: self)
    }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try partner.send(bytes, from: self) }

    override func forward(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        forwardSingleFrames(&batch, behind: prefix)
    }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        deliver(&batch, to: handler) { $0.socket(self, received: $1) }
    }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

extension _ClosureHandler: ChannelHandler where Source == ChannelSocket {}
