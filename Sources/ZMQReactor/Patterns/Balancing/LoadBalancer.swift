import ZMTP

/// Distributes messages: each goes to one peer, in turn among those whose queue has room (PSH-7, PSH-8, DLR-7, DLR-8).
/// If there is none, a send would block (PSH-9, DLR-9), and the socket is writable again as soon as a pipe has room.
final class LoadBalancer: Pattern {
    /// Calls nothing unknown.
    @exclusivity(unchecked) private var turns = BalancedTurns()

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

    /// Sends a message behind frames that are given in wire form.
    func send(
        _ message: borrowing Message,
        behind prefix: UnsafeRawBufferPointer,
        frames: Int,
        from host: some PatternHost
    ) throws(ZMQError) -> SendResult {
        guard let pipe = try next(for: host) else { return .wouldBlock }
        pipe._withUnsafeGuaranteedRef { $0.send(prefix: prefix, frames: frames, message) }
        return .accepted
    }

    @inline(__always)
    private func next(for host: some PatternHost) throws(ZMQError) -> Unmanaged<Pipe>? {
        try host.requireOpen()
        guard let pipe = turns.next() else {
            isBlocked = true
            host.countRefusals(1)
            return nil
        }
        return pipe
    }

    func forward(_ batch: inout MessageBatch, behind prefix: [UInt8], at host: any PatternHost) {
        guard host.state == .open else { return }
        while !batch.isEmpty {
            guard let pipe = turns.next()?.takeUnretainedValue() else { return isBlocked = true }
            if turns.haveOnePipe {
                pipe.forward(&batch, behind: prefix)
            } else {
                pipe.forwardOne(&batch, behind: prefix)
            }
        }
    }

    // MARK: Pipes

    func pipeAdded(_ pipe: Pipe, at host: any PatternHost) {
        turns.add(pipe)
        becameWritable(at: host)
    }

    func pipeUp(_ pipe: Pipe, at host: any PatternHost) { if probesPeers { pipe.probe() } }

    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost) {
        turns.remove(pipe)
        guard dealsOutAgain else { return }
        // A closing socket sends only what was queued for the endpoints it connected to, and messages that a closed one
        // has reported as unsent stay unsent.
        guard host.state == .open || host.state == .closing && !pipe.isPersistent else { return }
        for batch in pipe.outbound.takeBatches() { turns.takeBack(batch) }
        sendReturned()
    }

    func awaitsWritability(of pipe: Pipe) -> Bool { true }

    func pipeBecameWritable(_ pipe: Pipe, at host: any PatternHost) { turns.add(pipe) }

    func pipeRegainedCapacity(_ pipe: Pipe) { turns.pipeRegainedCapacity() }

    func becameWritable(at host: any PatternHost) {
        sendReturned()
        guard isBlocked, !turns.haveReturned, host.state == .open else { return }
        isBlocked = false
        host.notifyWritable(for: nil)
    }

    private func sendReturned() {
        while let (message, pipe) = turns.nextReturned() { pipe.send(message) }
    }

    // MARK: Closing

    var unsentMessages: Int { turns.returnedCount }

    func close(at host: any PatternHost) {
        host.drop(unsentMessages, .lingerExpired)
        turns.dropReturned()
    }
}

extension Pipe {
    /// Sends an empty message, which announces this socket to the peer.
    func probe() {
        guard canSend else { return }
        send(UnsafeRawBufferPointer(start: nil, count: 0))
    }
}
