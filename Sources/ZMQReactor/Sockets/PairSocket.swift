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
    private var pipe: Pipe?

    /// Called when the peer has gone or the socket is being closed, in the middle of its work.
    var whenSeparated: (() -> Void)?

    public init(_setup setup: _SocketSetup, handler: (any PairHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.pair, setup, isReceiver: handler != nil)
    }

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

    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        guard let pipe = try pipeWithRoom() else { return .wouldBlock }
        pipe.send(message)
        return .accepted
    }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult {
        guard let pipe = try pipeWithRoom() else { return .wouldBlock }
        pipe.send(bytes.pointer)
        return .accepted
    }

    override func forward(_ run: inout Run, behind prefix: [UInt8]) {
        guard state == .open else { return }
        pipe?.forward(&run, behind: prefix)
        if !run.isEmpty { isBlocked = true }
    }

    @inline(__always)
    private func pipeWithRoom() throws(ZMQError) -> Pipe? {
        guard state == .open else { throw closedError() }
        guard let pipe, pipe.hasRoom || pipe.findsRoom() else {
            isBlocked = true
            return nil
        }
        return pipe
    }

    override var refusalOfPeers: String? { pipe == nil ? nil : "a PAIR socket has one peer at a time" }

    override func pipeAdded(_ pipe: Pipe) {
        self.pipe = pipe
        refusalChanged()
        pipeHasRoom(pipe)
    }

    override func awaitsRoom(of pipe: Pipe) -> Bool { isBlocked }

    override func pipeHasRoom(_ pipe: Pipe) {
        guard isBlocked, state == .open else { return }
        isBlocked = false
        companion?.roomWasMade(at: self)
        handler?.socketIsWritable(self)
    }

    override func pipeDown(_ pipe: Pipe) {
        if self.pipe === pipe { whenSeparated?() }
    }

    override func closingBegins() { whenSeparated?() }

    override func pipeRemoved(_ pipe: Pipe) {
        guard self.pipe === pipe else { return }
        self.pipe = nil
        refusalChanged()
    }

    public static func _handler(_ closure: _ClosureHandler<PairSocket>) -> any PairHandler { closure }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        guard let handler else { return }
        run.forEach(while: { flows }) { handler.socket(self, received: $0) }
    }

    override func forgetHandler() {
        handler = nil
        whenSeparated = nil
    }
}

extension _ClosureHandler: PairHandler where Source == PairSocket {}
