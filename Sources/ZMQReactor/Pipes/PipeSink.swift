import ZMTP

/// What a pipe tells of what happens to it: a socket, or the session's end of a pipe on an I/O thread.
protocol PipeSink: AnyObject {
    var budgets: PipeBudgets { get }

    /// The pipe is used from now on: messages for it can be queued. The application may be called, and do what it likes.
    func add(_ pipe: Pipe)

    /// The pipe is no longer used.
    func remove(_ pipe: Pipe)

    // MARK: The link

    /// A connection of a persistent pipe comes up.
    ///
    /// - Returns: Whether it leads to another peer than the one before, from which the pipe has parted.
    func pipe(_ pipe: Pipe, meets peer: Peer) -> Bool

    /// The pipe's connection has shaken hands.
    func pipeUp(_ pipe: Pipe)

    /// The pipe's connection is up and about to end, because this side closes it.
    func pipeCloses(_ pipe: Pipe)

    /// A raw peer has sent its last, and may still be sent to.
    func peerHasFinished(_ pipe: Pipe)

    /// The pipe's connection is gone; the pipe stays if it is persistent.
    func pipeDown(_ pipe: Pipe)

    // MARK: Messages

    /// Messages have arrived.
    func receive(_ run: consuming Run, from pipe: Pipe)

    /// The peer asks for something.
    func receive(_ command: PeerCommand, from pipe: Pipe)

    /// Messages of a peer that does not come back wait in a pipe without a link.
    func messagesWait(in pipe: Pipe)

    /// Counts messages that are dropped.
    func drop(_ count: Int, _ reason: DropReason)

    /// Messages have left.
    func pipeSent(_ pipe: Pipe, _ count: Int)

    /// Messages have been dropped that were to leave, because there is a newer one.
    func pipeDropped(_ pipe: Pipe, _ count: Int)

    /// Messages that had been handed over cannot leave any more.
    func abandon(_ count: Int)

    /// All commands that the pipe's link was given have left, or been handed over.
    func pipeToldAll(_ pipe: Pipe)

    // MARK: Room

    /// A message did not fit, and the peer may have to go for that.
    func pipeIsFull(_ pipe: Pipe)

    /// Whether anything depends on there being room in a pipe that was full and now is at most half full.
    func awaitsRoom(of pipe: Pipe) -> Bool

    /// The pipe was full and is at most half full, and `awaitsRoom`.
    func noteRelief(of pipe: Pipe)

    /// The pipe, which is in a rotation, has got room in the middle of a turn.
    func pipeGotRoom(_ pipe: Pipe)
}
