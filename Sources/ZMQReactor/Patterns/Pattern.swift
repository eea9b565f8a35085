import ZMTP

/// How a socket type deals with its peers: the part of the socket that receives all events of its pipes.
///
/// A pattern keeps the state that its rule needs. The host, which is the socket, calls the application.
protocol Pattern: AnyObject {
    // MARK: Pipes

    /// A pipe has been made: messages for it can be queued.
    func pipeAdded(_ pipe: Pipe, at host: any PatternHost)

    /// The handshake of the pipe's connection is complete.
    func pipeUp(_ pipe: Pipe, at host: any PatternHost)

    /// The pipe's connection is gone; the pipe stays if it is persistent.
    func pipeDown(_ pipe: Pipe, at host: any PatternHost)

    /// The pipe is gone, with its content.
    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost)

    /// The pipe's connection is up and about to be closed by this side.
    func pipeCloses(_ pipe: Pipe)

    /// A peer's command. Patterns without commands ignore it.
    func receive(_ command: PeerCommand, from pipe: Pipe, at host: any PatternHost)

    /// All commands passed to the pipe's link have been sent, or handed over.
    func pipeToldAll(_ pipe: Pipe, at host: any PatternHost)

    /// A raw peer has sent its last byte, and can still be sent to.
    func peerHalfClosed(_ pipe: Pipe)

    // MARK: Accepting peers

    /// Why no further peer is accepted now; nil if one is.
    var refusalOfPeers: String? { get }

    /// Why this peer is not accepted on the pipe, or on a new one; nil if it is. Called at the end of the handshake,
    /// for peers that present a routing id.
    func refusal(of peer: Peer, for pipe: Pipe?) -> String?

    /// A connection of a persistent pipe comes up. Returns whether it leads to another peer than the previous one; the
    /// pipe has then been separated from that one.
    func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool

    // MARK: Room

    /// Whether anything depends on room in a pipe that was full and is now at most half full.
    func awaitsWritability(of pipe: Pipe) -> Bool

    /// The pipe was full and is now at most half full. Everything to be sent in this turn has been sent.
    func pipeBecameWritable(_ pipe: Pipe, at host: any PatternHost)

    /// The pipe, which is in a rotation, has got room in the middle of a turn.
    func pipeRegainedCapacity(_ pipe: Pipe)

    /// All pipes that have room since this turn are known.
    func becameWritable(at host: any PatternHost)

    // MARK: Sending

    /// Sends messages off the front of the batch, each behind the frame in `prefix`. Types that send otherwise override
    /// the socket's `forward`.
    func forward(_ batch: inout MessageBatch, behind prefix: [UInt8], at host: any PatternHost)

    // MARK: Closing

    /// Messages that are queued here, and in no pipe.
    var unsentMessages: Int { get }

    /// The application has closed the socket; queued messages may still be sent.
    func closingBegins(at host: any PatternHost)

    /// The socket is closed.
    func close(at host: any PatternHost)
}

// Defaults: a pattern implements the events it depends on.
extension Pattern {
    func pipeAdded(_ pipe: Pipe, at host: any PatternHost) {}
    func pipeUp(_ pipe: Pipe, at host: any PatternHost) {}
    func pipeDown(_ pipe: Pipe, at host: any PatternHost) {}
    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost) {}
    func pipeCloses(_ pipe: Pipe) {}
    func receive(_ command: PeerCommand, from pipe: Pipe, at host: any PatternHost) {}
    func pipeToldAll(_ pipe: Pipe, at host: any PatternHost) {}
    func peerHalfClosed(_ pipe: Pipe) {}
    var refusalOfPeers: String? { nil }
    func refusal(of peer: Peer, for pipe: Pipe?) -> String? { nil }
    func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool { false }
    func awaitsWritability(of pipe: Pipe) -> Bool { false }
    func pipeBecameWritable(_ pipe: Pipe, at host: any PatternHost) {}
    func pipeRegainedCapacity(_ pipe: Pipe) {}
    func becameWritable(at host: any PatternHost) {}
    func forward(_ batch: inout MessageBatch, behind prefix: [UInt8], at host: any PatternHost) {}
    var unsentMessages: Int { 0 }
    func closingBegins(at host: any PatternHost) {}
    func close(at host: any PatternHost) {}
}
