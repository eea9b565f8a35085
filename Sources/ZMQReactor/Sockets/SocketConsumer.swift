import ZMTP

/// Consumes a socket's messages instead of a handler: the tasks that use the socket, or a proxy.
///
/// The socket makes these calls in the middle of its own work. A consumer records them and acts at the end of the turn;
/// only `take` acts at once.
protocol SocketConsumer: AnyObject {
    /// Messages have arrived, and none are queued ahead of them. Takes any number off the front; the rest are queued.
    func take(_ batch: inout MessageBatch, from pipe: Pipe, at socket: Socket)

    /// The queue has new messages.
    func messagesArrived(at socket: Socket)

    /// The socket can send again after a send that would have blocked.
    func becameWritable(at socket: Socket)

    /// The socket is closed, or is about to be: it accepts and delivers nothing more.
    func socketCloses(_ socket: Socket)
}

// A consumer that takes one message at a time finds them in the queue.
extension SocketConsumer {
    func take(_ batch: inout MessageBatch, from pipe: Pipe, at socket: Socket) {}
}
