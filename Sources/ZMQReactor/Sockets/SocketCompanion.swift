import ZMTP

/// What uses a socket in the place of a handler: tasks that await, or a proxy. It takes messages out and puts messages in by itself,
/// and is told when that is worth trying.
///
/// The calls come in the middle of the socket's work: a companion notes them and acts at the end of the turn. Only `take` is for
/// acting at once.
protocol SocketCompanion: AnyObject {
    /// Messages have arrived, and none wait ahead of them: takes as many as it likes off the front. The others are queued.
    func take(_ run: inout Run, from pipe: Pipe, at socket: Socket)

    /// There are messages to take that were not there before.
    func messagesArrived(at socket: Socket)

    /// There is room again after a send that would have blocked.
    func roomWasMade(at socket: Socket)

    /// The socket takes and delivers no more: it is closed, or about to be.
    func socketCloses(_ socket: Socket)
}

// A companion that takes one message at a time finds them in the queue.
extension SocketCompanion {
    func take(_ run: inout Run, from pipe: Pipe, at socket: Socket) {}
}
