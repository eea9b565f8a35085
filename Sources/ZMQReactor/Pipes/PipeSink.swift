import ZMTP

/// Receives the events of a pipe: a socket, or the session's end of a pipe on an I/O thread.
protocol PipeSink: AnyObject {
    var budgets: PipeBudgets { get }

    /// The pipe is used from now on: messages for it can be queued. This may call the application, which may make any
    /// call.
    func add(_ pipe: Pipe)

    /// The pipe is no longer used.
    func remove(_ pipe: Pipe)

    // MARK: The link

    /// A connection of a persistent pipe comes up.
    ///
    /// - Returns: Whether it leads to another peer than the one before, from which the pipe has parted.
    func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool

    /// The handshake of the pipe's connection is done.
    func pipeUp(_ pipe: Pipe)

    /// The pipe's connection is up and about to end, because this side closes it.
    func pipeCloses(_ pipe: Pipe)

    /// A raw peer has sent its last bytes, and still receives.
    func peerHalfClosed(_ pipe: Pipe)

    /// The pipe's connection is gone; the pipe stays if it is persistent.
    func pipeDown(_ pipe: Pipe)

    // MARK: Messages

    /// Messages have arrived.
    func receive(_ batch: consuming MessageBatch, from pipe: Pipe)

    /// A request of the peer has arrived.
    func receive(_ command: PeerCommand, from pipe: Pipe)

    /// Messages of a peer that does not come back wait in a pipe without a link.
    func messagesWait(in pipe: Pipe)

    /// Messages are dropped.
    func drop(_ count: Int, _ reason: DropReason)

    /// Messages have arrived, and the link ends before they are received.
    func receivedInVain(_ count: Int)

    /// Messages have left.
    func pipeSent(_ pipe: Pipe, _ count: Int)

    /// Messages that were to leave have been dropped, because there is a newer one.
    func pipeDropped(_ pipe: Pipe, _ count: Int)

    /// Messages that had been handed over cannot leave any more.
    func abandon(_ count: Int)

    /// All commands that the pipe's link was given have left, or been handed over.
    func pipeToldAll(_ pipe: Pipe)

    // MARK: Room

    /// From now on the receive budget counts what the pipe has received: others may wait until it is taken.
    func pipeIsCounted(_ pipe: Pipe)

    /// A message did not fit, which may end the connection after some time.
    func pipeIsFull(_ pipe: Pipe)

    /// Whether a sender waits for room in a pipe that was full.
    func awaitsWritability(of pipe: Pipe) -> Bool

    /// The pipe was full and is at most half full, and `awaitsWritability`.
    func noteRelief(of pipe: Pipe)

    /// The pipe, which is in a rotation, has got room in the middle of a turn.
    func pipeRegainedCapacity(_ pipe: Pipe)
}
