import ZMQReactor

/// What a socket of any type is to this program.
protocol Adapter: AnyObject {
    var socket: Socket { get }

    /// Whether a line may be read now. Sockets that ask and answer in turn say no when it is the peer's turn.
    var takesLine: Bool { get }

    /// Sends a message, or says that there is no room; the owner is told when there is.
    func send(_ message: Message) throws(ZMQError) -> SendResult

    /// Whether a message that has arrived can be sent back as an answer.
    func isAnswerable(_ message: Message) -> Bool

    /// Whether the reply to what was printed last is still to be read.
    var owesReply: Bool { get }

    /// Whether there is nothing left to do when no more lines come.
    var isDoneWithoutInput: Bool { get }

    /// No more lines will come.
    func inputEnded()

    /// Stops giving messages to the owner.
    func pause()

    /// Gives messages to the owner again.
    func resume()
}

extension Adapter {
    var takesLine: Bool { true }
    var owesReply: Bool { false }
    var isDoneWithoutInput: Bool { !socket.type.traits.contains(.receives) }
    func isAnswerable(_ message: Message) -> Bool { true }
    func inputEnded() {}
    func pause() { (socket as? any ReceivingSocket)?.pause() }
    func resume() { (socket as? any ReceivingSocket)?.resume() }
}

/// Whom an adapter works for.
protocol AdapterOwner: AnyObject {
    /// A message has arrived.
    func received(_ message: Message)

    /// A send that was refused is worth another try.
    func hasRoom()
}

/// What every adapter is made of.
struct Setup {
    let reactor: Reactor
    let context: Context
    let options: SocketOptions
    unowned let owner: any AdapterOwner
}

extension SocketType {
    /// Opens a socket of this type: a row for each.
    func open(_ setup: Setup) throws(ZMQError) -> any Adapter {
        switch self {
        case .req: try RequestAdapter(setup)
        case .rep: try ReplyAdapter(setup)
        case .router: try RouterAdapter(setup)
        case .stream: try StreamAdapter(setup)
        case .dealer: try PlainAdapter(setup, DealerSocket.self) { $0 }
        case .pair: try PlainAdapter(setup, PairSocket.self) { $0 }
        case .push: try PlainAdapter(setup, PushSocket.self) { $0 }
        case .pull: try PlainAdapter(setup, PullSocket.self) { $0 }
        case .pub: try PlainAdapter(setup, PubSocket.self) { _ in nil }
        case .sub: try PlainAdapter(setup, SubSocket.self) { $0 }
        case .xpub: try PlainAdapter(setup, XPubSocket.self) { $0 }
        case .xsub: try PlainAdapter(setup, XSubSocket.self) { $0 }
        case .client, .server, .radio, .dish, .scatter, .gather, .peer, .channel:
            preconditionFailure("there is no \(self) socket")
        }
    }
}
