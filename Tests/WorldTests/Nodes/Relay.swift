import ZMQReactor

/// Two nodes of one program, and the proxy that forwards between them; perhaps a third, to which it shows what passes.
final class Relay {
    let front: Node
    let back: Node
    let capture: Node?
    private(set) var proxy: Proxy?

    init(front: Node, back: Node, capture: Node? = nil) {
        (self.front, self.back, self.capture) = (front, back, capture)
    }

    var nodes: [Node] { [front, back] + (capture.map { [$0] } ?? []) }

    /// Starts a proxy when both sockets are there, and none runs.
    func begin() throws {
        guard proxy == nil, let near = front.party, let far = back.party, near.isAlive, far.isAlive else { return }
        let witness = capture?.party
        guard capture == nil || witness?.isAlive == true else { return }
        (near.partner, far.partner) = (far.number, near.number)
        witness?.shows = [near.number, far.number]
        proxy = try Proxy(frontend: near.socket!, backend: far.socket!, capture: witness?.socket)
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
        capture?.party?.shown += statistics.messagesCaptured
        capture?.party?.notShown += statistics.captureDropped
    }
}
