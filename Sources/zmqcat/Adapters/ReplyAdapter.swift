import ZMQReactor

/// REP: a line is the answer to the request that was printed before it.
final class ReplyAdapter: Adapter {
    private var replier: RepSocket!
    private unowned let owner: any AdapterOwner
    /// The chance to answer the last request. As long as it is kept, no other request comes.
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
        guard let reply = reply.take() else { throw ZMQError(.wrongState, "there is no request to answer") }
        reply.send(message)
        return .accepted
    }

    /// Requests are printed, and get no answer: there is none to give.
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
