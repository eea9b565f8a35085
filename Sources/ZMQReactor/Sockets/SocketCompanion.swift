/// What uses a socket in the place of a handler: tasks that await, or a proxy. It takes messages out and puts messages in by itself,
/// and is told when that is worth trying.
///
/// The calls come in the middle of the socket's work: a companion notes them and acts at the end of the turn.
protocol SocketCompanion: AnyObject {
    /// There are messages to take that were not there before.
    func messagesArrived(at socket: Socket)

    /// There is room again after a send that would have blocked.
    func roomWasMade(at socket: Socket)

    /// The socket takes and delivers no more: it is closed, or about to be.
    func socketCloses(_ socket: Socket)
}
