import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

/// The handler of the types that have none for closures, or one with more than messages.
final class TargetHandler {
    private let take: (Message) -> Void

    /// What is sent without being counted, here and in ``TargetSocket/actAsType()``.
    static let uncounted: Set<[[UInt8]]> = Set(
        ["", "welcome", "again", "a request", "to one"].map { [Array($0.utf8)] }
    )

    init(_ take: @escaping (Message) -> Void) { self.take = take }
}

extension TargetHandler: ReqHandler {
    func socket(_ socket: ReqSocket, received reply: Message) { take(reply) }
}

extension TargetHandler: RouterHandler {
    func socket(_ socket: RouterSocket, received message: Message) { take(message) }

    func socket(_ socket: RouterSocket, connected peer: RouterPeer) {
        _ = try? socket.send("welcome", to: peer.routingID)
    }
}

extension TargetHandler: XPubHandler {
    func socket(_ socket: XPubSocket, received message: SubscriberMessage, from subscriber: Subscriber) {
        take(message.message)
    }
}

extension TargetHandler: PubHandler {
    func socketDroppedMessage(_ socket: PubSocket) {}
}

extension TargetHandler: PushHandler {
    func socketIsWritable(_ socket: PushSocket) { _ = try? socket.send("again") }
}
