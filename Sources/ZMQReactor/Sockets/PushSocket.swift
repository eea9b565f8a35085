public import ZMTP

/// What a ``PushSocket`` tells its application.
public protocol PushHandler: AnyObject {
    /// There is room again after a send that would have blocked.
    func socketIsWritable(_ socket: PushSocket)
}

/// Deals messages out to PULL peers (RFC 30).
///
/// Each message goes to one peer, in turn among those whose queue has room (PSH-7, PSH-8). When there is none, `send` answers
/// `wouldBlock` and takes no message (PSH-9, PSH-10): nothing is ever dropped (PSH-11). What was queued for a peer
/// that connected to us and has gone is dealt out to the others.
public final class PushSocket: Socket, HandledSocket, SendingSocket {
    private var handler: (any PushHandler)?
    let balancer = LoadBalancer(dealsOutAgain: true)

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any PushHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.push, place, options, by: balancer)
    }

    public func send(_ message: Message) throws(ZMQError) -> SendResult { try balancer.send(message, from: self) }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try balancer.send(bytes, from: self) }

    override func forward(_ run: inout Run, behind prefix: [UInt8]) { balancer.forward(&run, behind: prefix, at: self) }

    /// What comes all the same is discarded.
    override func receive(_ run: consuming Run, from pipe: Pipe) {}

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    override func forgetHandler() { handler = nil }
}
