import ZMQReactor

/// STREAM: the first frame says which peer the bytes are for, or from.
final class StreamAdapter: Adapter {
    private var stream: StreamSocket!
    private unowned let owner: any AdapterOwner

    var socket: Socket { stream }

    init(_ setup: Setup) throws(ZMQError) {
        owner = setup.owner
        stream = try StreamSocket(on: setup.reactor, in: setup.context, options: setup.options, handler: self)
    }

    func send(_ message: Message) throws(ZMQError) -> SendResult { try stream.send(message) }

    /// Without bytes it says that a peer has come or gone; sent back, it would end the connection.
    func isAnswerable(_ message: Message) -> Bool { !message.last.isEmpty }
}

extension StreamAdapter: StreamHandler {
    func socket(_ socket: StreamSocket, received message: Message) {
        owner.received(message)
        // A send may have waited for the peer that has gone.
        if message.last.isEmpty { socket.reactor.after(.zero) { [owner] _ in owner.hasRoom() } }
    }

    func socketIsWritable(_ socket: StreamSocket, for routingID: Frame) { owner.hasRoom() }
}
