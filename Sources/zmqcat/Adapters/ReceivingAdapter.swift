import ZMQReactor

/// PULL and SUB: they print only.
final class ReceivingAdapter: Adapter {
    private var receiver: (any ReceivingSocket)!
    private unowned let owner: any AdapterOwner

    var socket: Socket { receiver }
    var takesLine: Bool { false }

    init(_ type: SocketType, _ setup: Setup) throws(ZMQError) {
        owner = setup.owner
        receiver =
            switch type {
            case .pull: try PullSocket(on: setup.reactor, in: setup.context, options: setup.options, handler: self)
            case .sub: try SubSocket(on: setup.reactor, in: setup.context, options: setup.options, handler: self)
            default: preconditionFailure("\(type) has another adapter")
            }
    }

    func send(_ message: Message) throws(ZMQError) -> SendResult {
        throw ZMQError(.notSupported, "a \(socket.type) socket does not send")
    }
}

extension ReceivingAdapter: PullHandler, SubHandler {
    func socket(_ socket: PullSocket, received message: Message) { owner.received(message) }
    func socket(_ socket: SubSocket, received message: Message) { owner.received(message) }
}
