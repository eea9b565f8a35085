import ZMTP

/// Each peer is addressed by a number of 32 bits that this side generates (SRV-2, SRV-3). In a message it is the first
/// frame, in network byte order.
///
/// Messages queued under a number go to no other peer. The number of a peer ends with its connection, except that a
/// type may number its endpoints: the number is then known from the connect on, and stays when the connection is lost.
final class NumberedPeers: AddressedPeers {
    private let type: SocketType

    /// Whether the number of a peer at an endpoint to which this socket connects is that of the endpoint.
    private let numbersEndpoints: Bool

    /// Called when a peer has connected, and when one has disconnected.
    var whenConnected: ((RouterPeer) -> Void)?
    var whenDisconnected: ((RouterPeer) -> Void)?

    /// Called when a number begins or ceases to be that of a peer.
    var whenNumbered: ((_ number: UInt32, _ exists: Bool) -> Void)?

    /// Called with the routing id of an endpoint, when it is connected to.
    var whenEndpointNumbered: ((Frame) -> Void)?

    private var peers: [UInt32: Pipe] = [:]

    /// The connected peers, by pipe.
    private var connected: [ObjectIdentifier: RouterPeer] = [:]

    /// Starts at a random number, so that a number of an earlier run of the program does not match one of this run.
    private var next = UInt32.random(in: 1 ... .max)

    init(of type: SocketType, numbersEndpoints: Bool = false) {
        (self.type, self.numbersEndpoints) = (type, numbersEndpoints)
    }

    // MARK: Sending

    /// Sends a message of two frames: the number, and the body.
    @inline(__always)
    func send(_ message: Message, from host: some PatternHost) throws(ZMQError) -> SendResult {
        guard message.frameCount == 2, let body = message.dropFirst() else {
            throw .wrongFrames(message.frameCount, for: type, "routing id and body")
        }
        return try route(body, to: Self.number(of: message), from: host)
    }

    func send(_ body: Message, to id: Frame, from host: some PatternHost) throws(ZMQError) -> SendResult {
        guard body.count == 1 else { throw .wrongFrames(body.count, for: type) }
        return try route(body, to: id.integer(), from: host)
    }

    @inline(__always)
    private func route(_ body: Message, to number: UInt32?, from host: some PatternHost) throws(ZMQError) -> SendResult
    {
        try host.requireOpen()
        guard let pipe = number.flatMap({ peers[$0] }) else { throw .noPeerHasRoutingID }
        return queue(body, for: pipe, from: host)
    }

    // MARK: Numbers

    /// The numbers of all peers.
    var numbers: [UInt32] { Array(peers.keys) }

    /// The number in the first frame of a message; nil if it has not four bytes.
    @inline(__always)
    static func number(of message: borrowing Message) -> UInt32? {
        message.withUnsafeBytes { $0.count == 4 ? UInt32(bigEndian: $0.loadUnaligned(as: UInt32.self)) : nil }
    }

    subscript(id: Frame) -> Pipe? { id.integer(as: UInt32.self).flatMap { peers[$0] } }

    subscript(number: UInt32) -> Pipe? { peers[number] }

    /// The routing id of a pipe that has a number.
    func id(of pipe: Pipe) -> Frame { Frame(pipe.routingPrefix.dropFirst(2)) }

    /// The number of a pipe; nil if it has none.
    func number(of pipe: Pipe) -> UInt32? {
        guard pipe.routingPrefix.count == 6 else { return nil }
        return pipe.routingPrefix.dropFirst(2).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private func name(_ pipe: Pipe) {
        while next == 0 || peers[next] != nil { next &+= 1 }
        peers[next] = pipe
        pipe.routingPrefix =
            [FrameHeader.more, 4] + (0..<4).map { UInt8(truncatingIfNeeded: next >> (24 - 8 * $0)) }
        whenNumbered?(next, true)
        next &+= 1
    }

    /// Messages that have arrived from a peer keep its number; no more are sent to it.
    private func unname(_ pipe: Pipe) {
        guard let number = number(of: pipe), peers[number] === pipe else { return }
        peers[number] = nil
        whenNumbered?(number, false)
    }

    // MARK: Peers

    func pipeAdded(_ pipe: Pipe, at host: any PatternHost) {
        guard numbersEndpoints, pipe.isPersistent else { return }
        name(pipe)
        whenEndpointNumbered?(id(of: pipe))
    }

    func pipeUp(_ pipe: Pipe, at host: any PatternHost) {
        if !(numbersEndpoints && pipe.isPersistent) { name(pipe) }
        let peer = RouterPeer(routingID: id(of: pipe), pipe)
        connected[ObjectIdentifier(pipe)] = peer
        whenConnected?(peer)
    }

    func pipeDown(_ pipe: Pipe, at host: any PatternHost) {
        // A rejected peer was never up.
        guard let peer = connected.removeValue(forKey: ObjectIdentifier(pipe)) else { return }
        if !(numbersEndpoints && pipe.isPersistent) {
            unname(pipe)
            if pipe.isPersistent { part(pipe, at: host) }
        }
        whenDisconnected?(peer)
    }

    /// What is queued for a peer is for that peer alone, and so is a send that waits for it.
    private func part(_ pipe: Pipe, at host: any PatternHost) {
        pipe.part()
        pipe.routingPrefix = []
        pipeBecameWritable(pipe, at: host)
    }

    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost) {
        unname(pipe)
        connected[ObjectIdentifier(pipe)] = nil
        // A send that waits for a peer that is gone can be tried again: it fails.
        pipeBecameWritable(pipe, at: host)
    }

    func close(at host: any PatternHost) { whenNumbered = nil }
}
