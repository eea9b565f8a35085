public import EventReactor
import ZMTP

/// Has a handler of ZAP 1.0 (RFC 27) decide which peers may connect: the one that is bound to `inproc://zeromq.zap.01`
/// in the context, or will be.
///
/// ```swift
/// let zap = try ZAPClient(on: reactor, in: context)
/// options.security = .plainServer(authenticator: zap.authenticator)
/// ```
///
/// The handler is any socket of type REP or ROUTER that speaks ZAP, or a ``ZAPHandler``. Its reactor may be another
/// one. A handler that does not answer in time is a refusal; see ``SocketSecurity/authenticationTimeout``. The client
/// belongs to the thread of its reactor, and its authenticator may be used by sockets of any.
public final class ZAPClient {
    /// Where handlers are bound (RFC 27).
    public static let endpoint = "inproc://zeromq.zap.01"

    private let key = UniqueNumber.next()
    private let reactor: Reactor
    private let socket: DealerSocket
    private var requests: [UInt64: CheckedContinuation<AuthenticationVerdict, any Error>] = [:]

    /// Connects to the handler.
    ///
    /// - Throws: as a ``DealerSocket`` and its `connect`.
    public init(on reactor: Reactor, in context: Context) throws(ZMQError) {
        self.reactor = reactor
        let here = WeakClient()
        var options = SocketOptions()
        // A request without an answer is worthless once the client is closed.
        options.linger = .none
        socket = try DealerSocket(on: reactor, in: context, options: options) { here.client?.received($1) }
        here.client = self
        ZAPClients.of(reactor).clients[key] = here
        try socket.connect(Self.endpoint)
    }

    deinit { close() }

    /// Ends it. Peers that wait for the reply of the handler, and later ones, are refused for now.
    public func close() {
        socket.close()
        ZAPClients.of(reactor).clients[key] = nil
        let waiting = requests.sorted { $0.key < $1.key }
        requests = [:]
        for (_, request) in waiting { request.resume(returning: .refuseTemporarily("the client of ZAP is closed")) }
    }

    /// Sends the request of each peer to the handler, which decides.
    public var authenticator: Authenticator {
        let (key, reactor) = (key, reactor.handle)
        return .async { request in try await Self.ask(request, key, reactor) }
    }

    private static func ask(
        _ request: AuthenticationRequest,
        _ key: Int,
        _ reactor: ReactorHandle
    ) async throws -> AuthenticationVerdict {
        let number = UInt64(UniqueNumber.next())
        // The task may be cancelled before its question has reached the reactor.
        let isCancelled = Locked(false)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isTaken = reactor.submitUnlimited { reactor in
                    guard !isCancelled.withLock({ $0 }) else {
                        return continuation.resume(throwing: CancellationError())
                    }
                    guard let client = ZAPClients.of(reactor).clients[key]?.client else {
                        return continuation.resume(returning: .refuseTemporarily("the client of ZAP is closed"))
                    }
                    client.ask(request, number, continuation)
                }
                if !isTaken {
                    continuation.resume(returning: .refuseTemporarily("the reactor of the client of ZAP is gone"))
                }
            }
        } onCancel: {
            isCancelled.withLock { $0 = true }
            reactor.submitUnlimited { ZAPClients.of($0).clients[key]?.client?.cancel(number) }
        }
    }

    private func ask(
        _ request: AuthenticationRequest,
        _ number: UInt64,
        _ continuation: CheckedContinuation<AuthenticationVerdict, any Error>
    ) {
        var id: [UInt8] = []
        withUnsafeBytes(of: number.bigEndian) { id += $0 }
        let message = ZAPRequest(
            requestID: id,
            domain: request.domain,
            address: request.address,
            identity: request.properties["identity"] ?? [],
            request.credentials
        )
        // The envelope of REP.
        let result = try? socket.send(Message(frames: [Frame([])] + message.frames))
        guard result == .accepted else {
            return continuation.resume(returning: .refuseTemporarily("the handler of ZAP has too many requests"))
        }
        requests[number] = continuation
    }

    private func cancel(_ number: UInt64) {
        requests.removeValue(forKey: number)?.resume(throwing: CancellationError())
    }

    private func received(_ message: Message) {
        let frames = message.drop { $0.count > 0 }.dropFirst()
        guard let reply = try? ZAPReply(Array(frames)), reply.requestID.count == 8 else { return }
        let number = reply.requestID.reduce(0) { $0 << 8 | UInt64($1) }
        requests.removeValue(forKey: number)?.resume(returning: AuthenticationVerdict(reply))
    }
}

extension AuthenticationVerdict {
    fileprivate init(_ reply: ZAPReply) {
        switch reply.verdict {
        case .accepted: self.init(verdict: reply.verdict)
        case .refused(let refusal, _): self.init(refusal, reply.text)
        }
    }
}

private final class WeakClient {
    weak var client: ZAPClient?
}

/// The clients of a reactor, by a number that tasks on other threads keep.
private final class ZAPClients: ReactorLocal {
    var clients: [Int: WeakClient] = [:]
}

@available(*, unavailable, message: "it belongs to the thread of its reactor")
extension ZAPClient: Sendable {}
