import ZMQReactor

/// PUB and XSUB: sending never waits.
final class BroadcastingAdapter: Adapter {
    private var broadcaster: (any BroadcastingSocket)!
    private unowned let owner: any AdapterOwner

    var socket: Socket { broadcaster }

    init(_ type: SocketType, _ setup: Setup) throws(ZMQError) {
        owner = setup.owner
        broadcaster =
            switch type {
            case .pub: try PubSocket(on: setup.reactor, in: setup.context, options: setup.options)
            case .xsub: try XSubSocket(on: setup.reactor, in: setup.context, options: setup.options, handler: self)
            default: preconditionFailure("\(type) has another adapter")
            }
    }

    func send(_ message: Message) throws(ZMQError) -> SendResult {
        try broadcaster.send(message)
        return .accepted
    }
}

extension BroadcastingAdapter: XSubHandler {
    func socket(_ socket: XSubSocket, received message: Message) { owner.received(message) }
}
