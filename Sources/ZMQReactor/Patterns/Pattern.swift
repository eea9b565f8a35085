import ZMTP

/// The rule by which a type of socket deals with its peers: the part of the socket that all events of its pipes go to.
///
/// A pattern keeps what its rule needs. The host, which is the socket, calls the application.
protocol Pattern: AnyObject {
    // MARK: Pipes

    /// A pipe has been made: messages for it can be queued.
    func pipeAdded(_ pipe: Pipe, at host: any PatternHost)

    /// The pipe's connection has shaken hands.
    func pipeUp(_ pipe: Pipe, at host: any PatternHost)

    /// The pipe's connection is gone; the pipe stays if it is persistent.
    func pipeDown(_ pipe: Pipe, at host: any PatternHost)

    /// The pipe is gone, and what is in it.
    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost)

    /// The pipe's connection is up and about to end, because we close it.
    func pipeCloses(_ pipe: Pipe)

    /// All commands that the pipe's link was given have left, or been handed over.
    func pipeToldAll(_ pipe: Pipe, at host: any PatternHost)

    /// A raw peer has sent its last, and may still be sent to.
    func peerHasFinished(_ pipe: Pipe)

    // MARK: Which peers are welcome

    /// Why no further peer is welcome now; nil when one is.
    var refusalOfPeers: String? { get }

    /// Why this peer is not welcome as the one of the pipe, or of a new one; nil when it is. Asked at the end of the handshake, about
    /// peers that present a routing id.
    func refusal(of peer: Peer, for pipe: Pipe?) -> String?

    /// A connection of a persistent pipe comes up. Returns whether it leads to another peer than the one before; the pipe has then
    /// parted from that one.
    func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool

    // MARK: Room

    /// Whether anything depends on there being room in a pipe that was full and now is at most half full.
    func awaitsRoom(of pipe: Pipe) -> Bool

    /// The pipe was full and now is at most half full. Everything that was to leave in this turn has left.
    func pipeHasRoom(_ pipe: Pipe, at host: any PatternHost)

    /// The pipe, which is in a rotation, has got room in the middle of a turn.
    func pipeGotRoom(_ pipe: Pipe)

    /// All pipes are known that have room since this turn.
    func roomWasMade(at host: any PatternHost)

    // MARK: The end

    /// Messages that are queued here, and in no pipe.
    var unsentMessages: Int { get }

    /// The application has closed the socket; what is queued may go on leaving.
    func closingBegins(at host: any PatternHost)

    /// The socket is closed.
    func close(at host: any PatternHost)
}

// Defaults: a rule implements the events that it depends on.
extension Pattern {
    func pipeAdded(_ pipe: Pipe, at host: any PatternHost) {}
    func pipeUp(_ pipe: Pipe, at host: any PatternHost) {}
    func pipeDown(_ pipe: Pipe, at host: any PatternHost) {}
    func pipeRemoved(_ pipe: Pipe, at host: any PatternHost) {}
    func pipeCloses(_ pipe: Pipe) {}
    func pipeToldAll(_ pipe: Pipe, at host: any PatternHost) {}
    func peerHasFinished(_ pipe: Pipe) {}
    var refusalOfPeers: String? { nil }
    func refusal(of peer: Peer, for pipe: Pipe?) -> String? { nil }
    func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool { false }
    func awaitsRoom(of pipe: Pipe) -> Bool { false }
    func pipeHasRoom(_ pipe: Pipe, at host: any PatternHost) {}
    func pipeGotRoom(_ pipe: Pipe) {}
    func roomWasMade(at host: any PatternHost) {}
    var unsentMessages: Int { 0 }
    func closingBegins(at host: any PatternHost) {}
    func close(at host: any PatternHost) {}
}
