import EventReactor
import ZMQReactor
import ZMTP

/// Reads one request of each connection, and answers it. Nothing that a browser does holds up anything else:
///
/// * A request that is not whole within `requestTime` is refused with 408.
/// * A browser that does not read its answer is disconnected after the linger of the socket.
/// * The answer to what is no request is followed by `drainTime` in which the rest of it is read and ignored: a
///   connection that is closed with unread input is reset, and the answer may be lost.
final class Server: StreamHandler {
    static let requestTime = Duration.seconds(10)
    static let drainTime = Duration.seconds(1)

    private let answers: Answers
    private let addedHosts: [String]
    private var hosts: AllowedHosts

    /// The endpoint to which the socket is bound, once it is.
    var endpoint = "" { didSet { hosts = AllowedHosts(endpoint: endpoint, adding: addedHosts) } }

    private enum State {
        case reading(RequestReader), answering, draining
        /// Hung up on: the notice that the connection has ended follows.
        case leaving
    }
    private struct Visitor {
        var state = State.reading(RequestReader())
        let timer: ReactorTimer
    }
    private var visitors: [Frame: Visitor] = [:]

    init(hosts: [String], answers: Answers) {
        (addedHosts, self.answers) = (hosts, answers)
        self.hosts = AllowedHosts(endpoint: "", adding: hosts)
    }

    func socket(_ socket: StreamSocket, received message: Message) {
        let (id, bytes) = (message[0].copy(), message[1])
        guard let visitor = visitors[id] else { return bytes.isEmpty ? accept(id, on: socket) : () }
        if bytes.isEmpty { return forget(id) }
        guard case .reading(var reader) = visitor.state else { return }
        do throws(RequestFault) {
            if let request = try reader.receive(bytes) {
                take(request, from: id, on: socket)
            } else {
                visitors[id]?.state = .reading(reader)
            }
        } catch {
            refuse(error, id, on: socket)
        }
    }

    func socketClosed(_ socket: StreamSocket) {
        for id in Array(visitors.keys) { forget(id) }
        answers.end()
    }

    private func accept(_ id: Frame, on socket: StreamSocket) {
        let timer = socket.reactor.after(Self.requestTime) { [weak self, weak socket] _ in
            guard let self, let socket else { return }
            timeIsOver(for: id, on: socket)
        }
        visitors[id] = Visitor(timer: timer)
    }

    private func forget(_ id: Frame) { visitors.removeValue(forKey: id)?.timer.cancel() }

    private func timeIsOver(for id: Frame, on socket: StreamSocket) {
        switch visitors[id]?.state {
        case .reading:
            refuse(RequestFault(.timeout, "the request is not whole after \(Self.requestTime)"), id, on: socket)
        case .draining: hangUp(on: id, of: socket)
        case .answering, .leaving, nil: break
        }
    }

    private func take(_ request: Request, from id: Frame, on socket: StreamSocket) {
        guard hosts.contains(request.host) else {
            return refuse(RequestFault(.forbidden, "this page is not for the host of the request"), id, on: socket)
        }
        visitors[id]?.state = .answering
        answers.answer(request) { [weak self, weak socket] response in
            guard let self, let socket, visitors[id] != nil else { return }
            send(response.encoded(withBody: !request.isHead), to: id, on: socket)
            hangUp(on: id, of: socket)
        }
    }

    private func refuse(_ refusal: RequestFault, _ id: Frame, on socket: StreamSocket) {
        send(Response(refusal).encoded(), to: id, on: socket)
        visitors[id]?.state = .draining
        visitors[id]?.timer.reschedule(after: Self.drainTime)
    }

    /// The only answer on its connection: there is room. A browser that is gone is no concern.
    private func send(_ bytes: [UInt8], to id: Frame, on socket: StreamSocket) {
        _ = try? socket.send(bytes, to: id)
    }

    private func hangUp(on id: Frame, of socket: StreamSocket) {
        visitors[id]?.timer.cancel()
        visitors[id]?.state = .leaving
        try? socket.hangUp(on: id)
    }
}
