import ZMQReactor

/// ROUTER: the first frame is the routing id of the recipient or sender.
final class RouterAdapter: Adapter {
    private var router: RouterSocket!
    private unowned let owner: any AdapterOwner

    var socket: Socket { router }

    init(_ setup: Setup) throws(ZMQError) {
        owner = setup.owner
        router = try RouterSocket(on: setup.reactor, in: setup.context, options: setup.options, handler: self)
    }

    func send(_ message: Message) throws(ZMQError) -> SendResult {
        guard message.count > 1 else {
            throw ZMQError(
                .invalidArgument,
                "a ROUTER message needs a frame after the routing id, separated by a tab, or with --hex by a space"
            )
        }
        return try router.send(message)
    }
}

extension RouterAdapter: RouterHandler {
    func socket(_ socket: RouterSocket, received message: Message) { owner.received(message) }
    func socketIsWritable(_ socket: RouterSocket) { owner.becameWritable() }

    /// A send may have waited for this peer. It fails from now on, once the socket has removed the peer.
    func socket(_ socket: RouterSocket, disconnected peer: RouterPeer) {
        socket.reactor.after(.zero) { [owner] _ in owner.becameWritable() }
    }
}
