import ZMQReactor

/// REP: a line is the reply to the request that was printed before it.
final class ReplyAdapter: Adapter {
    private var replier: RepSocket!
    private unowned let owner: any AdapterOwner
    /// The pending reply to the last request. While it is kept, no other request arrives.
    private var reply: Reply?
    private var canAnswer = true

    var socket: Socket { replier }
    var takesLine: Bool { reply != nil }
    var owesReply: Bool { reply != nil }

    init(_ setup: Setup) throws(ZMQError) {
        owner = setup.owner
        replier = try RepSocket(on: setup.reactor, in: setup.context, options: setup.options, handler: self)
    }

    func send(_ message: Message) throws(ZMQError) -> SendResult {
        guard let reply = reply.take() else { throw ZMQError(.wrongState, "no request is pending") }
        reply.send(message)
        return .accepted
    }

    /// Requests are printed, and get no reply: there is no more input.
    func inputEnded() {
        canAnswer = false
        reply = nil
    }
}

extension ReplyAdapter: RepHandler {
    func socket(_ socket: RepSocket, received request: Message, reply: Reply) {
        if canAnswer { self.reply = reply }
        owner.received(request)
    }
}
