import ZMTP

/// All messages are for one peer: the first, for as long as its pipe lasts (PAR-1). Further peers are rejected
/// meanwhile. Without a peer, or when its queue is full, a send would block (PAR-8, PAR-9).
final class ExclusivePeer: Pattern {
    /// Why there is no further peer.
    private let refusal: String

    private var pipe: Pipe?

    /// Whether a send would have blocked.
    private var isBlocked = false

    /// Called when the peer is gone or the socket is being closed, in the middle of its work.
    var whenSeparated: (() -> Void)?

    /// - Parameters:
    ///   - type: named in the refusal of further peers.
    ///   - refusal: the end of the sentence.
    init(of type: SocketType, refusal: String = "has one peer at a time") {
        self.refusal = "a \(type) socket \(refusal)"
    }

    // MARK: Sending

    @inline(__always)
    func send(_ message: borrowing Message, from host: some PatternHost) throws(ZMQError) -> SendResult {
        guard let pipe = try pipeWithRoom(at: host) else { return .wouldBlock }
        pipe.send(message)
        return .accepted
    }

    @inline(__always)
    func send(_ bytes: RawSpan, from host: some PatternHost) throws(ZMQError) -> SendResult {
        guard let pipe = try pipeWithRoom(at: host) else { return .wouldBlock }
        pipe.send(bytes.pointer)
        return .accepted
    }

    /// Sends a message with a frame in front of it, given as it travels.
    func send(
        prefix: UnsafeRawBufferPointer,
        _ message: borrowing Message,
        from host: some PatternHost
    ) throws(ZMQError) -> SendResult {
        guard let pipe = try pipeWithRoom(at: host) else { return .wouldBlock }
        pipe.send(prefix: prefix, frames: 1, message)
        return .accepted
    }

    @inline(__always)
    private func pipeWithRoom(at host: some PatternHost) throws(ZMQError) -> Pipe? {
        try host.requireOpen()
        guard let pipe, pipe.canSend else {
            isBlocked = true
            host.countRefusals(1)
            return nil
        }
        return pipe
    }

    func forward(_ batch: inout MessageBatch, behind prefix: [UInt8], at host: any PatternHost) {
        guard host.state == .open else { return }
        pipe?.forward(&batch, behind: prefix)
        if !batch.isEmpty { isBlocked = true }
    }

    // MARK: Pipes

    var refusalOfPeers: String? { pipe == nil ? nil : refusal }

    func pipeAdded(_ pipe: Pipe, at host: any PatternHost) {
        self.pipe = pipe
        host.refusalChanged()
        pipeBecameWritable(pipe, at: host)
    }

    func pipeDown(_ pipe: Pipe, at host: any PatternHost) {
        if self.pipe === pipe { whenSeparated?() }
    }

    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost) {
        guard self.pipe === pipe else { return }
        self.pipe = nil
        host.refusalChanged()
    }

    func awaitsWritability(of pipe: Pipe) -> Bool { isBlocked }

    func pipeBecameWritable(_ pipe: Pipe, at host: any PatternHost) {
        guard isBlocked, host.state == .open else { return }
        isBlocked = false
        host.notifyWritable(for: pipe)
    }

    // MARK: Closing

    func closingBegins(at host: any PatternHost) { whenSeparated?() }

    func close(at host: any PatternHost) { whenSeparated = nil }
}
