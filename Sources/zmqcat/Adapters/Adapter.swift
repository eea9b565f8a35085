import ZMQReactor

/// The common interface of all socket types in this program.
protocol Adapter: AnyObject {
    var socket: Socket { get }

    /// Whether a line may be read now. False for sockets that alternate with the peer, when it is the peer's turn.
    var takesLine: Bool { get }

    /// Sends a message, or returns that there is no room; the owner is called when there is.
    func send(_ message: Message) throws(ZMQError) -> SendResult

    /// Whether a received message can be sent back as a reply.
    func isAnswerable(_ message: Message) -> Bool

    /// Whether the reply to the last printed message is still to be read.
    var owesReply: Bool { get }

    /// Whether nothing is left to do once the input has ended.
    var isDoneWithoutInput: Bool { get }

    /// The input has ended.
    func inputEnded()

    /// Stops delivering messages to the owner.
    func pause()

    /// Delivers messages to the owner again.
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

/// The owner of an adapter.
protocol AdapterOwner: AnyObject {
    /// A message has arrived.
    func received(_ message: Message)

    /// A send can be tried again after one that would have blocked.
    func hasRoom()
}

/// The arguments of every adapter.
struct Setup {
    let reactor: Reactor
    let context: Context
    let options: SocketOptions
    unowned let owner: any AdapterOwner
}

extension SocketType {
    /// Opens a socket of this type: one row for each.
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
