import ZMTP

/// Distributes messages: each goes to one peer, in turn among those whose queue has room (PSH-7, PSH-8, DLR-7, DLR-8).
/// If there is none, a send would block (PSH-9, DLR-9), and the socket is writable again as soon as a pipe has room.
final class LoadBalancer: Pattern {
    @exclusivity(unchecked) private var rotation = RoundRobin()  // calls nothing unknown

    /// Messages whose peer disconnected before they were sent. They go ahead of new ones.
    @exclusivity(unchecked) private var returned = RingBuffer<MessageBatch>()  // appended to, taken from and counted

    /// Whether a send would have blocked.
    private(set) var isBlocked = false

    /// Whether messages queued for a peer that is gone are redistributed to the others (PSH-11).
    private let dealsOutAgain: Bool

    /// Whether each new peer is sent an empty message.
    var probesPeers = false

    init(dealsOutAgain: Bool = false) { self.dealsOutAgain = dealsOutAgain }

    // MARK: Sending

    @inline(__always)
    func send(_ message: borrowing Message, from host: some PatternHost) throws(ZMQError) -> SendResult {
        guard let pipe = try next(for: host) else { return .wouldBlock }
        pipe._withUnsafeGuaranteedRef { $0.send(message) }
        return .accepted
    }

    @inline(__always)
    func send(_ bytes: RawSpan, from host: some PatternHost) throws(ZMQError) -> SendResult {
        guard let pipe = try next(for: host) else { return .wouldBlock }
        pipe._withUnsafeGuaranteedRef { $0.send(bytes.pointer) }
        return .accepted
    }

    @inline(__always)
    private func next(for host: some PatternHost) throws(ZMQError) -> Unmanaged<Pipe>? {
        try host.requireOpen()
        guard returned.isEmpty, let pipe = rotation.next() else {
            isBlocked = true
            return nil
        }
        return pipe
    }

    func forward(_ batch: inout MessageBatch, behind prefix: [UInt8], at host: any PatternHost) {
        guard host.state == .open else { return }
        while !batch.isEmpty {
            guard returned.isEmpty, let pipe = rotation.next()?.takeUnretainedValue() else { return isBlocked = true }
            if rotation.hasOnePipe {
                pipe.forward(&batch, behind: prefix)
            } else {
                pipe.forwardOne(&batch, behind: prefix)
            }
        }
    }

    // MARK: Pipes

    func pipeAdded(_ pipe: Pipe, at host: any PatternHost) {
        rotation.add(pipe)
        becameWritable(at: host)
    }

    func pipeUp(_ pipe: Pipe, at host: any PatternHost) { if probesPeers { pipe.probe() } }

    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost) {
        rotation.remove(pipe)
        guard dealsOutAgain else { return }
        // A closing socket sends only what was queued for the endpoints it connected to, and messages that a closed one
        // has reported as unsent stay unsent.
        guard host.state == .open || host.state == .closing && !pipe.isPersistent else { return }
        for batch in pipe.outbound.takeBatches() { returned.append(batch) }
        sendReturned()
    }

    func awaitsWritability(of pipe: Pipe) -> Bool { true }

    func pipeBecameWritable(_ pipe: Pipe, at host: any PatternHost) { rotation.add(pipe) }

    func pipeRegainedCapacity(_ pipe: Pipe) { rotation.pipeRegainedCapacity() }

    func becameWritable(at host: any PatternHost) {
        sendReturned()
        guard isBlocked, returned.isEmpty, host.state == .open else { return }
        isBlocked = false
        host.notifyWritable(for: nil)
    }

    private func sendReturned() {
        while var batch = returned.popFirst() {
            while !batch.isEmpty {
                guard let pipe = rotation.next()?.takeUnretainedValue() else { return returned.prepend(batch) }
                pipe.send(batch.next()!)
            }
        }
    }

    // MARK: Closing

    var unsentMessages: Int { (0..<returned.count).reduce(0) { $0 + returned[$1].count } }

    func close(at host: any PatternHost) {
        host.drop(unsentMessages, .lingerExpired)
        returned.removeAll()
    }
}

extension Pipe {
    /// Sends an empty message, which announces this socket to the peer.
    func probe() {
        guard canSend else { return }
        send(UnsafeRawBufferPointer(start: nil, count: 0))
    }
}
