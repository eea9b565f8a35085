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

    /// Whether a request waits for its reply.
    var awaitsReply: Bool { get }

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
    var awaitsReply: Bool { false }
    var isDoneWithoutInput: Bool { !(socket is any ReceivingSocket) }
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
    func becameWritable()
}

/// The arguments of every adapter.
struct Setup {
    let reactor: Reactor
    let context: Context
    let options: SocketOptions
    unowned let owner: any AdapterOwner
}
