import ZMQReactor

/// Types that send lines when there is room, and receive messages at any time.
final class PlainAdapter: Adapter {
    private var made: Socket!
    private unowned let owner: any AdapterOwner

    var socket: Socket { made }

    /// - Parameter handler: this, as the handler of the type.
    init<S: HandledSocket>(
        _ setup: Setup,
        _ type: S.Type,
        _ handler: (PlainAdapter) -> S.Handler?
    ) throws(ZMQError) {
        owner = setup.owner
        made = try S(on: setup.reactor, in: setup.context, options: setup.options, handler: handler(self))
    }

    func send(_ message: Message) throws(ZMQError) -> SendResult {
        guard let sender = socket as? any SendingSocket else {
            throw ZMQError(.notSupported, "a \(socket.type) socket cannot send")
        }
        return try sender.send(message)
    }
}

extension PlainAdapter: DealerHandler, PairHandler, PullHandler, PushHandler, SubHandler, XPubHandler, XSubHandler {
    func socket(_ socket: DealerSocket, received message: Message) { owner.received(message) }
    func socket(_ socket: PairSocket, received message: Message) { owner.received(message) }
    func socket(_ socket: PullSocket, received message: Message) { owner.received(message) }
    func socket(_ socket: SubSocket, received message: Message) { owner.received(message) }
    func socket(_ socket: XSubSocket, received message: Message) { owner.received(message) }
    func socket(_ socket: XPubSocket, received message: SubscriberMessage, from subscriber: Subscriber) {
        owner.received(message.message)
    }

    func socketIsWritable(_ socket: DealerSocket) { owner.becameWritable() }
    func socketIsWritable(_ socket: PairSocket) { owner.becameWritable() }
    func socketIsWritable(_ socket: PushSocket) { owner.becameWritable() }
    func socketIsWritable(_ socket: XPubSocket) { owner.becameWritable() }
}

extension PlainAdapter: ClientHandler, ServerHandler, ScatterHandler, GatherHandler, ChannelHandler, PeerHandler {
    func socket(_ socket: ClientSocket, received message: Message) { owner.received(message) }
    func socket(_ socket: ServerSocket, received message: Message) { owner.received(message) }
    func socket(_ socket: GatherSocket, received message: Message) { owner.received(message) }
    func socket(_ socket: ChannelSocket, received message: Message) { owner.received(message) }
    func socket(_ socket: PeerSocket, received message: Message) { owner.received(message) }

    func socketIsWritable(_ socket: ClientSocket) { owner.becameWritable() }
    func socketIsWritable(_ socket: ServerSocket) { owner.becameWritable() }
    func socketIsWritable(_ socket: ScatterSocket) { owner.becameWritable() }
    func socketIsWritable(_ socket: ChannelSocket) { owner.becameWritable() }
    func socketIsWritable(_ socket: PeerSocket) { owner.becameWritable() }
}

extension PlainAdapter: DishHandler, DgramHandler {
    func socket(_ socket: DishSocket, received message: Message) { owner.received(message) }
    func socket(_ socket: DgramSocket, received message: Message) { owner.received(message) }
    func socketIsWritable(_ socket: DgramSocket) { owner.becameWritable() }
}
