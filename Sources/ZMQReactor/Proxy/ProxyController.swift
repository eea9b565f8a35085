import EventReactor
import ZMTP

extension Proxy {
    /// What a proxy is told by its control socket: the text is the last frame of a message, as with zmq_proxy_steerable(3).
    ///
    /// `STATISTICS` is answered with a message of eight frames of 8 bytes each, unsigned numbers in the byte order of the machine:
    /// messages received by the frontend, bytes received, messages sent, bytes sent, and the same of the backend. The other commands
    /// have no answer, except from a REP, which answers everything with an empty message. Frames in front of the command are put in
    /// front of the answer, so that the control socket may be a ROUTER. Anything else has no effect.
    public enum Command: String, Sendable, CaseIterable {
        /// As ``Proxy/pause()``.
        case pause = "PAUSE"
        /// As ``Proxy/resume()``.
        case resume = "RESUME"
        /// As ``Proxy/stop(_:)``.
        case terminate = "TERMINATE"
        /// Asks for ``Proxy/statistics``.
        case statistics = "STATISTICS"
    }
}

/// Listens to a proxy's control socket. Closing that ends the control, not the proxy.
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

    /// Gives the socket back.
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
        case .terminate: break  // when it has been answered
        case nil: break
        }
        if answer.isEmpty, socket.type.traits.contains(.lockstep) { answer = [Frame()] }
        if !answer.isEmpty {
            // There is nobody to wait for room: who asks for more than is read gets no answer.
            var run = Run(Message(frames: Array(message.dropLast()) + answer))
            if let rep = socket as? RepSocket {
                _ = try? rep.send(run.next()!)
            } else if socket.isForwardingSink {
                socket.forward(&run, behind: [])
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
    func roomWasMade(at socket: Socket) {}
    func socketCloses(_ socket: Socket) { isReleased = true }
}
