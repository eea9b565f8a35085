import EventReactor
import ZMQReactor

/// Listens at a `memory://` endpoint without ZMTP: what connects there meets a ``RawPeer``.
public final class MemoryListener {
    /// Where it listens: `memory://name`.
    public let endpoint: String

    private let name: String
    private weak var network: MemoryNetwork?
    private let peers = Peers()

    private final class Peers { var waiting: [RawPeer] = [] }

    init(at name: String, in network: MemoryNetwork) throws(TestFailure) {
        endpoint = "memory://\(name)"
        self.name = name
        let peers = peers
        let isFree = network.listen(at: name, on: network.reactor) { stream in
            if let stream = stream as? MemoryStream { peers.waiting.append(RawPeer(stream)) }
        }
        guard isFree else { throw TestFailure("something else listens at \(endpoint)") }
        self.network = network
    }

    deinit { close() }

    /// The next connection, if there is one.
    public func accept() -> RawPeer? { peers.waiting.isEmpty ? nil : peers.waiting.removeFirst() }

    /// Accepts no more connections. Those that have been accepted stay.
    public func close() {
        network?.stopListening(at: name)
        network = nil
        peers.waiting = []
    }
}
