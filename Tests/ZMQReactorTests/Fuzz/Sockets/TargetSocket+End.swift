import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

// The end of everything, and what may not be left.
extension TargetSocket {
    /// All peers go, and nothing listens. Returns what a connection does without its peer.
    func leave() -> String? {
        scene.network.onConnect = { _ in .refused }
        listener?.close()
        for peer in peers { peer.hangUp() }
        finish()
        guard peers.contains(where: \.isConnected) else { return nil }
        // What has half-closed has its time, and a slow one.
        scene.run(for: .seconds(200))
        receive()
        scene.settle()
        let left = peers.count { $0.isConnected }
        return left == 0 ? nil : "\(left) connections go on without their peers: \(ends)"
    }

    /// Closes the socket. Returns what is wrong with the ends of connections, or is left.
    func close() -> String? {
        if let fault = letGo() { return fault }
        (replies, nameOfPeer) = ([], nil)
        if ends.count > begun { return "\(begun) connections have ended \(ends.count) times: \(ends)" }
        whenCalled = nil
        greeting = nil
        var isClosed = false
        socket.close { _ in isClosed = true }
        do {
            try scene.run(until: { isClosed }, "the socket to close", within: .seconds(120))
        } catch {
            return "\(error)"
        }
        scene.settle()
        if socket.peerCount > 0 { return "\(socket.peerCount) peers are left" }
        let toSend = socket.budgets.send.used
        let toReceive = socket.budgets.knownReceive?.used ?? 0
        return toSend == 0 && toReceive == 0
            ? nil : "\(toSend) bytes to send and \(toReceive) that were received are left of the budgets"
    }
}
