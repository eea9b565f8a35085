import ZMQReactor

/// STREAM: the first frame is the routing id of the recipient or sender.
final class StreamAdapter: Adapter {
    private var stream: StreamSocket!
    private unowned let owner: any AdapterOwner

    var socket: Socket { stream }

    init(_ setup: Setup) throws(ZMQError) {
        owner = setup.owner
        stream = try StreamSocket(on: setup.reactor, in: setup.context, options: setup.options, handler: self)
    }

    func send(_ message: Message) throws(ZMQError) -> SendResult { try stream.send(message) }

    /// A message without bytes means that a peer has connected or disconnected; sending it back would close the
    /// connection.
    func isAnswerable(_ message: Message) -> Bool { !message.last.isEmpty }
}

extension StreamAdapter: StreamHandler {
    func socket(_ socket: StreamSocket, received message: Message) {
        owner.received(message)
        // A send may have waited for the peer that is gone.
        if message.last.isEmpty { socket.reactor.after(.zero) { [owner] _ in owner.becameWritable() } }
    }

    func socketIsWritable(_ socket: StreamSocket, for routingID: Frame) { owner.becameWritable() }
}
