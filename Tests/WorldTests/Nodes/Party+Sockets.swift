import ZMQReactor

extension Party {
    /// Makes the socket, with a handler unless a proxy reads it.
    func makeSocket(_ handler: Handler) throws -> Socket {
        let (reactor, context, options) = (node.loop.reactor!, node.program.context!, node.options)
        let handler = node.isProxied ? nil : handler
        switch role {
        case .push: return try PushSocket(on: reactor, in: context, options: options)
        case .pull: return try PullSocket(on: reactor, in: context, options: options, handler: handler)
        case .pub: return try PubSocket(on: reactor, in: context, options: options, handler: handler)
        case .xpub:
            let publisher = try XPubSocket(on: reactor, in: context, options: options, handler: handler)
            publisher.verbosity = node.verbosity
            publisher.isManual = node.isManual
            publisher.blocksWhenFull = node.blocksWhenFull
            return publisher
        case .sub: return try SubSocket(on: reactor, in: context, options: options, handler: handler)
        case .xsub: return try XSubSocket(on: reactor, in: context, options: options, handler: handler)
        case .dealer:
            let dealer = try DealerSocket(on: reactor, in: context, options: options, handler: handler)
            if let identity = node.identity { try dealer.setRoutingID(identity) }
            return dealer
        case .pair: return try PairSocket(on: reactor, in: context, options: options, handler: handler)
        case .req:
            let req = try ReqSocket(on: reactor, in: context, options: options)
            if let identity = node.identity { try req.setRoutingID(identity) }
            return req
        case .rep: return try RepSocket(on: reactor, in: context, options: options, handler: handler)
        case .router:
            let router = try RouterSocket(on: reactor, in: context, options: options, handler: handler)
            router.isMandatory = node.isMandatory
            router.allowsHandover = node.allowsHandover
            return router
        case .client: return try ClientSocket(on: reactor, in: context, options: options, handler: handler)
        case .server: return try ServerSocket(on: reactor, in: context, options: options, handler: handler)
        case .scatter: return try ScatterSocket(on: reactor, in: context, options: options)
        case .gather: return try GatherSocket(on: reactor, in: context, options: options, handler: handler)
        case .channel: return try ChannelSocket(on: reactor, in: context, options: options, handler: handler)
        case .peer: return try PeerSocket(on: reactor, in: context, options: options, handler: handler)
        case .radio: return try RadioSocket(on: reactor, in: context, options: options, handler: handler)
        case .dish: return try DishSocket(on: reactor, in: context, options: options, handler: handler)
        case .stream: return try StreamSocket(on: reactor, in: context, options: options, handler: handler)
        }
    }
}

/// The handler of all of a party's events.
final class Handler {
    fileprivate unowned let party: Party

    init(_ party: Party) { self.party = party }
}

extension Handler: PullHandler, SubHandler, DealerHandler, PairHandler {
    func socket(_ socket: PullSocket, received message: Message) { party.take(message) }
    func socket(_ socket: SubSocket, received message: Message) { party.take(message, behind: 1) }
    func socket(_ socket: DealerSocket, received message: Message) { party.take(message) }
    func socket(_ socket: PairSocket, received message: Message) { party.take(message) }
    func socketIsWritable(_ socket: DealerSocket) {}
    func socketIsWritable(_ socket: PairSocket) {}
}

extension Handler: PubHandler, XPubHandler, XSubHandler {
    func socketDroppedMessage(_ socket: PubSocket) { party.reportedDrops += 1 }
    func socketDroppedMessage(_ socket: XPubSocket) { party.reportedDrops += 1 }
    func socketDroppedMessage(_ socket: XSubSocket) { party.reportedDrops += 1 }
    func socket(_ socket: XSubSocket, received message: Message) { party.take(message, behind: 1) }
    func socket(_ socket: XPubSocket, received message: Message) { party.take(message, behind: 1) }

    func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) {
        if socket.isManual { socket.subscribe(subscriber, to: topic) }
    }

    func socket(_ socket: XPubSocket, unsubscribed subscriber: Subscriber, from topic: Frame) {
        if socket.isManual { socket.unsubscribe(subscriber, from: topic) }
    }
}

extension Handler: RouterHandler, RepHandler, StreamHandler {
    func socket(_ socket: RouterSocket, received message: Message) { party.route(message) }
    func socketDroppedMessage(_ socket: RouterSocket) { party.reportedDrops += 1 }
    func socket(_ socket: RepSocket, received request: Message, reply: Reply) { party.answer(request, reply) }
    func socket(_ socket: StreamSocket, received message: Message) { party.takeBytes(message) }
}

extension Handler: ClientHandler, ServerHandler, GatherHandler, ChannelHandler, PeerHandler, RadioHandler, DishHandler {
    func socket(_ socket: ClientSocket, received message: Message) { party.take(message) }
    func socket(_ socket: ServerSocket, received message: Message) { party.serve(message) }
    func socket(_ socket: GatherSocket, received message: Message) { party.take(message) }
    func socket(_ socket: ChannelSocket, received message: Message) { party.take(message) }
    func socket(_ socket: PeerSocket, received message: Message) { party.take(message, behind: 1) }
    func socket(_ socket: PeerSocket, connected peer: RouterPeer) { party.peers.append(peer.routingID) }

    func socket(_ socket: PeerSocket, disconnected peer: RouterPeer) { party.peers.removeAll { $0 == peer.routingID } }

    func socket(_ socket: DishSocket, received message: Message) { party.take(message, behind: 1) }
    func socketDroppedMessage(_ socket: RadioSocket) { party.reportedDrops += 1 }
}
