import EventReactor
import ZMTP

extension Proxy {
    /// A command for the proxy's control socket: the text of the last frame of a message, as with
    /// zmq_proxy_steerable(3).
    ///
    /// The reply to `STATISTICS` is a message of eight frames of 8 bytes each, unsigned integers in the host's byte
    /// order: messages received by the frontend, bytes received, messages sent, bytes sent, and the same of the
    /// backend. The other commands have no reply, except on a REP, which replies to everything with an empty message.
    /// Frames before the command are put before the reply, so that the control socket may be a ROUTER. Any other
    /// message has no effect.
    public enum Command: String, Sendable, CaseIterable {
        /// As ``Proxy/pause()``.
        case pause = "PAUSE"
        /// As ``Proxy/resume()``.
        case resume = "RESUME"
        /// As ``Proxy/stop(_:)``.
        case terminate = "TERMINATE"
        /// Requests ``Proxy/statistics``.
        case statistics = "STATISTICS"
    }
}

/// Receives commands from a proxy's control socket. Closing the socket ends the control, not the proxy.
final class ProxyController {
    private unowned let proxy: Proxy
    private let socket: Socket
    private var isScheduled = false
    private var isReleased = false

    init(of proxy: Proxy, at socket: Socket) {
        self.proxy = proxy
        self.socket = socket
        socket.consumer = self
        schedule()
    }

    /// Releases the socket.
    func release() {
        isReleased = true
        if socket.consumer === self { socket.consumer = nil }
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        socket.reactor.atEndOfTurn(self)
    }

    private func handle(_ message: Message) {
        let command = Proxy.Command(rawValue: message.last.string)
        var answer: [Frame] = []
        switch command {
        case .statistics:
            answer = proxy.statistics.numbers.map { number in Frame(withUnsafeBytes(of: number) { Array($0) }) }
        case .pause: proxy.pause()
        case .resume: proxy.resume()
        case .terminate: break  // after the reply
        case nil: break
        }
        if answer.isEmpty, socket.type.traits.contains(.lockstep) { answer = [Frame()] }
        if !answer.isEmpty {
            // No waiting for room: a controller that sends more requests than it reads replies gets none.
            var batch = MessageBatch(Message(frames: Array(message.dropLast()) + answer))
            if socket.type.traits.contains(.lockstep), let replier = socket as? any SendingSocket {
                _ = try? replier.send(batch.next()!)
            } else if socket.isForwardingSink {
                socket.forward(&batch, behind: [])
            }
        }
        if command == .terminate { proxy.stop() }
    }
}

extension ProxyController: EndOfTurnHandler {
    func reactorTurnEnded() {
        isScheduled = false
        guard let receiver = socket as? any ReceivingSocket else { return }
        for _ in 0..<100 {
            guard !isReleased, socket.state == .open, let message = try? receiver.tryReceive() else { return }
            handle(message)
        }
        schedule()
    }
}

extension ProxyController: SocketConsumer {
    func messagesArrived(at socket: Socket) { schedule() }
    func becameWritable(at socket: Socket) {}
    func socketCloses(_ socket: Socket) { isReleased = true }
}
