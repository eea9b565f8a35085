import ZMQReactor

/// PUSH, PAIR, DEALER, PUB, XPUB and XSUB: lines are sent when there is room, and messages come when they come.
final class SendingAdapter: Adapter {
    private var sender: (any SendingSocket)!
    private unowned let owner: any AdapterOwner

    var socket: Socket { sender }

    init(_ type: SocketType, _ setup: Setup) throws(ZMQError) {
        owner = setup.owner
        sender =
            switch type {
            case .push: try PushSocket(on: setup.reactor, in: setup.context, options: setup.options, handler: self)
            case .pair: try PairSocket(on: setup.reactor, in: setup.context, options: setup.options, handler: self)
            case .dealer: try DealerSocket(on: setup.reactor, in: setup.context, options: setup.options, handler: self)
            case .pub: try PubSocket(on: setup.reactor, in: setup.context, options: setup.options)
            case .xsub: try XSubSocket(on: setup.reactor, in: setup.context, options: setup.options, handler: self)
            case .xpub: try XPubSocket(on: setup.reactor, in: setup.context, options: setup.options, handler: self)
            default: preconditionFailure("\(type) has another adapter")
            }
    }

    func send(_ message: Message) throws(ZMQError) -> SendResult { try sender.send(message) }
}

extension SendingAdapter: PushHandler, PairHandler, DealerHandler, XPubHandler, XSubHandler {
    func socket(_ socket: PairSocket, received message: Message) { owner.received(message) }
    func socket(_ socket: DealerSocket, received message: Message) { owner.received(message) }
    func socket(_ socket: XSubSocket, received message: Message) { owner.received(message) }
    func socket(_ socket: XPubSocket, received message: Message, from subscriber: Subscriber) {
        owner.received(message)
    }
    func socketIsWritable(_ socket: PushSocket) { owner.hasRoom() }
    func socketIsWritable(_ socket: PairSocket) { owner.hasRoom() }
    func socketIsWritable(_ socket: DealerSocket) { owner.hasRoom() }
    func socketIsWritable(_ socket: XPubSocket) { owner.hasRoom() }
}
