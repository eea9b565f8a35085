import ZMQReactor

/// The wait for a number of peers: subscribed ones of a publisher, members of a group, and otherwise those whose
/// handshake is complete.
final class PeerWait {
    private let count: Int
    /// It holds this, until the peers are there.
    private unowned let socket: Socket
    private var action: (() -> Void)?

    init(for count: Int, at socket: Socket, then action: @escaping () -> Void) {
        (self.count, self.socket, self.action) = (count, socket, action)
    }

    /// Calls the action once, as soon as they are there, never before this returns.
    func begin() {
        switch socket {
        case let socket as PublishingSocket:
            socket.waitForSubscribers(count) { [self] in if case .success = $0 { end() } }
        case let socket as RadioSocket:
            socket.waitForMembers(count) { [self] in if case .success = $0 { end() } }
        default:
            let report = socket.onEvent
            socket.onEvent = { [self] socket, event in
                report?(socket, event)
                if case .handshakeSucceeded = event { check() }
            }
        }
    }

    /// In the next turn: within the event of a handshake, messages for the new peer would be lost.
    private func check() {
        socket.reactor.after(.zero) { [self] _ in if socket.peerCount >= count { end() } }
    }

    private func end() { action.take()?() }
}
