import ZMQReactor

/// REQ: a line is a request, and the next one waits for its reply.
final class RequestAdapter: Adapter {
    private var requester: ReqSocket!
    private unowned let owner: any AdapterOwner

    var socket: Socket { requester }
    var takesLine: Bool { !requester.isWaiting }
    var awaitsReply: Bool { requester.isWaiting }
    var isDoneWithoutInput: Bool { takesLine }

    init(_ setup: Setup) throws(ZMQError) {
        owner = setup.owner
        requester = try ReqSocket(on: setup.reactor, in: setup.context, options: setup.options, handler: self)
    }

    func send(_ message: Message) throws(ZMQError) -> SendResult { try requester.send(message) }
}

extension RequestAdapter: ReqHandler {
    func socket(_ socket: ReqSocket, received reply: Message) { owner.received(reply) }
    func socketIsWritable(_ socket: ReqSocket) { owner.becameWritable() }
}
