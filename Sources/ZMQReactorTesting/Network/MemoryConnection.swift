import EventReactor

/// A connection in memory between two sockets, or a socket and a ``RawPeer``.
public final class MemoryConnection {
    /// What was connected to: `memory://name`.
    public let endpoint: String

    /// What the connecting end writes.
    public let forward: MemoryDirection

    /// What the listening end writes.
    public let backward: MemoryDirection

    /// The reactors of the connecting and of the listening end, only to be compared: they may be gone.
    package let reactors: (connecting: ObjectIdentifier, listening: ObjectIdentifier)

    private unowned let network: MemoryNetwork
    package private(set) weak var near: MemoryStream?
    package private(set) weak var far: MemoryStream?
    private var openEnds = 2

    init(to name: String, from near: Reactor, to far: Reactor, in network: MemoryNetwork) {
        endpoint = "memory://\(name)"
        self.network = network
        reactors = (ObjectIdentifier(near), ObjectIdentifier(far))
        forward = MemoryDirection(in: network)
        backward = MemoryDirection(in: network)
    }

    /// Makes the ends, which keep the connection.
    func makeEnds(on near: Reactor, _ far: Reactor, number: Int) -> (MemoryStream, MemoryStream) {
        let connecting = MemoryStream(on: near, forward, backward, peerName: endpoint) { [self] in endClosed() }
        let accepted = MemoryStream(on: far, backward, forward, peerName: "memory #\(number)") { [self] in endClosed() }
        forward.join(from: connecting, to: accepted, reverse: backward)
        backward.join(from: accepted, to: connecting, reverse: forward)
        (self.near, self.far) = (connecting, accepted)
        return (connecting, accepted)
    }

    private func endClosed() {
        openEnds -= 1
        guard openEnds == 0 else { return }
        forward.close()
        backward.close()
        network.forget(self)
    }

    /// Whether an end is not closed.
    public var isOpen: Bool { openEnds > 0 }

    /// How long bytes take from now on in both directions; reading it gives the one of ``forward``.
    public var delay: Duration {
        get { forward.delay }
        set { (forward.delay, backward.delay) = (newValue, newValue) }
    }

    /// Whether nothing arrives in either direction for the time being.
    public var isStalled: Bool {
        get { forward.isStalled && backward.isStalled }
        set {
            forward.isStalled = newValue
            backward.isStalled = newValue
        }
    }

    /// Breaks the connection: both ends see a reset, and what has not been read is lost.
    public func reset() {
        guard isOpen else { return }
        forward.reset()
        backward.reset()
    }
}
