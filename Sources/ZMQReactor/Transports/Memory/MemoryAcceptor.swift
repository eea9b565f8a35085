import EventReactor

/// Accepts streams in the network of a test's scene.
final class MemoryAcceptor: Acceptor {
    unowned var listener: Listener!
    private let name: MemoryName
    private let network: any StreamNetwork

    init(_ name: MemoryName, in network: any StreamNetwork, on reactor: Reactor) throws(ZMQError) {
        (self.name, self.network) = (name, network)
        guard network.listen(at: name.name, on: reactor, { [unowned self] in accept($0) }) else {
            throw ZMQError(.addressInUse, "another socket is bound to this name", endpoint: "\(Endpoint(name))")
        }
    }

    var endpoint: Endpoint { Endpoint(name) }
    var greets: Bool { !name.isWebSocket }

    func start() {}

    func stop() { network.stopListening(at: name.name) }

    private func accept(_ stream: any ByteStreamSubstitute) {
        guard let limit = listener.admit(from: nil) else {
            let bytes = name.stream(over: stream, .accepting, listener.endpointOptions, on: listener.reactor)
            return listener.accepted(bytes, from: nil, isAllowed: true)
        }
        let (reason, isEvent) = listener.refusal(by: limit)
        let peer = PeerDescription(stream.peerName)
        stream.close()
        if isEvent { listener.observer.record(.handshakeFailed(endpoint, peer, reason)) }
    }
}
