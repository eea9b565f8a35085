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
    @exclusivity(unchecked) private var rotation = RoundRobin()  // calls nothing unknown

    /// Messages whose peer has gone before they left, to be sent ahead of new ones.
    @exclusivity(unchecked) private var returned = RingBuffer<Run>()

    public init(_setup setup: _SocketSetup, handler: (any PushHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.push, setup)
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
            guard returned.isEmpty, let pipe = rotation.next()?.takeUnretainedValue() else { return isBlocked = true }
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
        guard returned.isEmpty, let pipe = rotation.next() else {
            isBlocked = true
            return nil
        }
        return pipe
    }

    override func pipeAdded(_ pipe: Pipe) {
        rotation.add(pipe)
        roomWasMade()
    }

    override func awaitsRoom(of pipe: Pipe) -> Bool { true }

    override func pipeHasRoom(_ pipe: Pipe) { rotation.add(pipe) }

    override func pipeGotRoom(_ pipe: Pipe) { rotation.pipeGotRoom() }

    override func roomWasMade() {
        resendReturned()
        guard isBlocked, returned.isEmpty, state == .open else { return }
        isBlocked = false
        companion?.roomWasMade(at: self)
        handler?.socketIsWritable(self)
    }

    override func pipeRemoved(_ pipe: Pipe) {
        rotation.remove(pipe)
        // A closing socket keeps to what was queued where it connected to, and what a closed one has reported as unsent stays unsent.
        guard state == .open || state == .closing && !pipe.isPersistent else { return }
        for run in pipe.outbound.takeRuns() { returned.append(run) }
        resendReturned()
    }

    private func resendReturned() {
        while var run = returned.popFirst() {
            while !run.isEmpty {
                guard let pipe = rotation.next()?.takeUnretainedValue() else { return returned.prepend(run) }
                pipe.send(run.next()!)
            }
        }
    }

    override var unsentMessages: Int {
        var count = super.unsentMessages
        for number in 0..<returned.count { count += returned[number].count }
        return count
    }

    override func receive(_ run: consuming Run, from pipe: Pipe) {}

    override func forgetHandler() {
        handler = nil
        for number in 0..<returned.count { drop(returned[number].count, .lingerExpired) }
        returned.removeAll()
    }
}
