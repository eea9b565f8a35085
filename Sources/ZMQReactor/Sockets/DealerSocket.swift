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
    /// Whether each new peer is sent an empty message, so that a ROUTER learns of us before we have something to say.
    public var probesPeers = false

    private var handler: (any DealerHandler)?
    @exclusivity(unchecked) private var rotation = RoundRobin()  // calls nothing unknown

    public init(_setup setup: _SocketSetup, handler: (any DealerHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.dealer, setup, isReceiver: handler != nil)
    }

    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        guard let pipe = try nextPipe() else { return .wouldBlock }
        pipe._withUnsafeGuaranteedRef { $0.send(message) }
        return .accepted
    }

    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult {
        guard let pipe = try nextPipe() else { return .wouldBlock }
        pipe._withUnsafeGuaranteedRef { $0.send(bytes.pointer) }
        return .accepted
    }

    override func forward(_ run: inout Run, behind prefix: [UInt8]) {
        guard state == .open else { return }
        while !run.isEmpty {
            guard let pipe = rotation.next()?.takeUnretainedValue() else { return isBlocked = true }
            if rotation.hasOnePipe {
                pipe.forward(&run, behind: prefix)
            } else {
                pipe.forwardOne(&run, behind: prefix)
            }
        }
    }

    @inline(__always)
    private func nextPipe() throws(ZMQError) -> Unmanaged<Pipe>? {
        guard state == .open else { throw closedError() }
        guard let pipe = rotation.next() else {
            isBlocked = true
            return nil
        }
        return pipe
    }

    override func pipeAdded(_ pipe: Pipe) {
        rotation.add(pipe)
        roomWasMade()
    }

    override func pipeUp(_ pipe: Pipe) { if probesPeers { pipe.probe() } }

    override func awaitsRoom(of pipe: Pipe) -> Bool { true }

    override func pipeHasRoom(_ pipe: Pipe) { rotation.add(pipe) }

    override func pipeGotRoom(_ pipe: Pipe) { rotation.pipeGotRoom() }

    override func roomWasMade() {
        guard isBlocked, state == .open else { return }
        isBlocked = false
        companion?.roomWasMade(at: self)
        handler?.socketIsWritable(self)
    }

    override func pipeRemoved(_ pipe: Pipe) { rotation.remove(pipe) }

    public static func _handler(_ closure: _ClosureHandler<DealerSocket>) -> any DealerHandler { closure }

    override func deliver(_ run: inout Run, from pipe: Pipe) {
        guard let handler else { return }
        run.forEach(while: { flows }) { handler.socket(self, received: $0) }
    }

    override func forgetHandler() { handler = nil }
}

extension _ClosureHandler: DealerHandler where Source == DealerSocket {}

extension Pipe {
    /// Sends an empty message, which tells the peer no more than that we are here.
    func probe() {
        guard hasRoom else { return }
        send(UnsafeRawBufferPointer(start: nil, count: 0))
    }
}
