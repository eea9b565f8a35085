public import EventReactor
import ZMTP

/// Decides for servers which peers may connect, by ZAP 1.0 (RFC 27): the other side of ``ZAPClient``.
///
/// ```swift
/// let handler = try ZAPHandler(on: reactor, in: context, authenticator: authenticator)
/// ```
///
/// One in a context. Mechanisms other than NULL, PLAIN and CURVE are refused. It belongs to the thread of its reactor.
public final class ZAPHandler {
    private let reactor: Reactor
    private let socket: RouterSocket
    private let authenticator: Authenticator

    /// Binds to ``ZAPClient/endpoint``, and has the authenticator decide.
    ///
    /// - Throws: `addressInUse` if the context has a handler, and as a ``RouterSocket``.
    public init(on reactor: Reactor, in context: Context, authenticator: Authenticator) throws(ZMQError) {
        self.reactor = reactor
        self.authenticator = authenticator
        let here = WeakHandler()
        socket = try RouterSocket(on: reactor, in: context) { here.handler?.received($1) }
        here.handler = self
        try socket.bind(ZAPClient.endpoint)
    }

    deinit { close() }

    /// Ends it. Pending requests get no reply.
    public func close() { socket.close() }

    private func received(_ message: Message) {
        let frames = Array(message)
        // The envelope ends with an empty frame, and comes back unchanged (Z-6).
        guard let delimiter = frames.dropFirst().firstIndex(where: { $0.count == 0 }) else { return }
        let envelope = Array(frames[...delimiter])
        let question: ZAPRequest
        do {
            question = try ZAPRequest(frames[(delimiter + 1)...])
        } catch {
            // Without a request id there is nothing to answer.
            guard frames.count > delimiter + 2, frames[delimiter + 2].count <= 255 else { return }
            let id = Array(frames[delimiter + 2])
            return answer(ZAPReply(requestID: id, .refused(.internalError), text: error.description), envelope)
        }
        guard case .credentials(let credentials) = question.proof else {
            let verdict = AuthenticationVerdict.refuse("the mechanism is not known")
            return answer(ZAPReply(requestID: question.requestID, verdict), envelope)
        }
        let request = AuthenticationRequest(
            credentials,
            address: question.address,
            domain: question.domain,
            properties: question.identity.isEmpty ? [:] : ["identity": question.identity]
        )
        let authenticator = authenticator
        reactor.task { [weak self] _ in
            let verdict = await AuthenticationVerdict(of: authenticator, request)
            self?.answer(ZAPReply(requestID: question.requestID, verdict), envelope)
        }
    }

    private func answer(_ reply: ZAPReply, _ envelope: [Frame]) {
        _ = try? socket.send(Message(frames: envelope + reply.frames))
    }
}

private final class WeakHandler {
    weak var handler: ZAPHandler?
}

extension ZAPReply {
    fileprivate init(requestID: [UInt8], _ verdict: AuthenticationVerdict) {
        let text = if case .refused(_, let text) = verdict.verdict { text } else { "OK" }
        self.init(requestID: requestID, verdict.verdict, text: text)
    }
}

@available(*, unavailable, message: "it belongs to the thread of its reactor")
extension ZAPHandler: Sendable {}
