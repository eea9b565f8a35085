import ZMQReactor

/// Two nodes of one program, and the proxy that forwards between them.
final class Relay {
    let front: Node
    let back: Node
    private(set) var proxy: Proxy?

    init(front: Node, back: Node) { (self.front, self.back) = (front, back) }

    /// Starts a proxy when both sockets are there, and none runs.
    func begin() throws {
        guard proxy == nil, let near = front.party, let far = back.party, near.isAlive, far.isAlive else { return }
        (near.partner, far.partner) = (far.number, near.number)
        proxy = try Proxy(frontend: near.socket!, backend: far.socket!)
    }

    /// The proxy stops, and what it has forwarded is noted.
    func stop() {
        proxy?.stop()
        proxyEnds()
    }

    /// Notes what the proxy has forwarded, and forgets it.
    func proxyEnds() {
        noteForwarded()
        proxy = nil
    }

    private func noteForwarded() {
        guard let statistics = proxy?.statistics else { return }
        front.party?.forwarded += statistics.frontend.messagesReceived
        back.party?.forwarded += statistics.backend.messagesReceived
    }
}
