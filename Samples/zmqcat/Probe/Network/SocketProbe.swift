import ZMQReactor

/// Connects sockets of the library, for what the probe does not do itself: PLAIN, CURVE and TLS.
///
/// There a client shows its type first, so that one type is tried after the other.
final class SocketProbe {
    struct Outcome {
        var peerType: String?
        var offeredType: String?
        var roundTrip: Duration?
        /// Why no type was accepted.
        var reason: String?
        var triedAllTypes = false
    }

    private final class Owner: AdapterOwner {
        func received(_ message: Message) {}
        func becameWritable() {}
    }

    private let endpoint: String
    private let options: SocketOptions
    private let limit: Duration
    private let reactor: Reactor
    private let context = Context()
    private let owner = Owner()

    init(_ endpoint: String, _ settings: SocketSettings, limit: Duration, on reactor: Reactor) {
        var options = settings.options
        options.linger = .none
        options.reconnectStop = [.connectionRefused, .handshakeFailed]
        (options.connectTimeout, options.handshakeInterval) = (limit, limit)
        options.heartbeatInterval = .milliseconds(50)
        options.heartbeatTimeout = limit
        (self.endpoint, self.options, self.limit, self.reactor) = (endpoint, options, limit, reactor)
    }

    func run() async -> Outcome {
        let outcome = await tryTypes()
        _ = await context.terminate()
        return outcome
    }

    private func tryTypes() async -> Outcome {
        var outcome = Outcome()
        let end = ContinuousClock.now + limit
        for type in PeerTypes.offers where ContinuousClock.now < end {
            do {
                outcome.peerType = try await connect(as: type, &outcome.roundTrip)
                outcome.offeredType = type
                outcome.reason = nil
                outcome.triedAllTypes = false
                return outcome
            } catch {
                outcome.reason = error.description
                outcome.triedAllTypes = type == PeerTypes.offers.last
            }
        }
        return outcome
    }

    /// The type of the peer, if it accepts this type.
    private func connect(as type: String, _ roundTrip: inout Duration?) async throws(Complaint) -> String {
        guard let kind = SocketKind.all.first(where: { $0.name == type.lowercased() }) else {
            throw Complaint("there is no type \(type)")
        }
        let setup = Setup(reactor: reactor, context: context, options: options, owner: owner)
        let adapter: any Adapter
        do { adapter = try kind.open(setup) } catch { throw Complaint("\(error)") }
        defer { adapter.socket.close() }
        let result: Result<String, Complaint> = await withCheckedContinuation { continuation in
            let first = FirstResult(continuation)
            adapter.socket.onEvent = { _, event in
                switch event {
                case .handshakeSucceeded(_, _, let type): first.end(.success(type.rawValue))
                case .connectFailed(_, let reason), .handshakeFailed(_, _, let reason):
                    first.end(.failure(Complaint(reason.message)))
                default: break
                }
            }
            reactor.after(limit) { _ in first.end(.failure(Complaint("no answer"))) }
            do { try adapter.socket.connect(endpoint) } catch { first.end(.failure(Complaint("\(error)"))) }
        }
        let peer = try result.get()
        let end = ContinuousClock.now + limit / 3
        while roundTrip == nil, ContinuousClock.now < end {
            try? await reactor.sleep(for: .milliseconds(5))
            roundTrip = adapter.socket.connections.first?.heartbeatRoundTrip
        }
        return peer
    }
}
