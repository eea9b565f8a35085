import EventReactor

/// What a closed socket tells.
public struct CloseReport: Sendable, Equatable {
    /// Messages that were queued and had not left when the linger was over.
    public let unsentMessages: Int
}

/// A socket that is closing: what is queued leaves until a deadline.
final class Lingering {
    var completions: [(CloseReport) -> Void] = []
    var timer: ReactorTimer?
    /// Messages that cannot leave any more, because whom they were for is gone.
    var abandoned = 0
}

extension Socket {
    /// Whether ``close(_:)`` has been called.
    public var isClosed: Bool { state != .open }

    /// Closes the socket: it accepts, delivers and takes no more, and what is queued leaves for as long as
    /// ``SocketOptions/linger`` says.
    ///
    /// The reactor must run for queued messages to leave. Closing twice is harmless; both completions are called.
    ///
    /// - Parameter completion: called on the reactor, once, when the last connection is gone, never before this returns.
    public func close(_ completion: @escaping (CloseReport) -> Void = { _ in }) {
        switch state {
        case .closed: reactor.after(.zero) { _ in completion(CloseReport(unsentMessages: 0)) }
        case .closing: lingering?.completions.append(completion)
        case .open: beginClosing(completion)
        }
    }

    private func beginClosing(_ completion: @escaping (CloseReport) -> Void) {
        state = .closing
        fairQueue.removeAll()
        parts = []
        consumer.take()?.socketCloses(self)
        closingBegins()
        let lingering = Lingering()
        lingering.completions.append(completion)
        self.lingering = lingering
        let limit = options.linger.limit
        for listener in listeners { listener.stopListening() }
        if limit != .zero {
            for connector in connectors { connector.close(afterSending: true) }
            for listener in listeners { listener.closeConnections(afterSending: true) }
        }
        // A timer also when there is nothing to wait for: the completion is not called from inside this call.
        lingering.timer = reactor.after(isDone ? .zero : limit ?? .seconds(1 << 30)) { [self] _ in lingerEnded() }
    }

    /// Closes without waiting for anything, not even the next turn, which does not come.
    func closeAtOnce() {
        options.linger = .none
        close()
        lingering?.timer?.cancel()
        lingerEnded()
    }

    private var isDone: Bool { connectors.allSatisfy(\.isClosed) && listeners.allSatisfy { $0.connectionCount == 0 } }

    /// The last connection may be gone.
    func finishClosingIfDone() {
        guard state == .closing, isDone, let timer = lingering?.timer else { return }
        timer.reschedule(after: .zero)
    }

    private func lingerEnded() {
        guard state == .closing, let lingering else { return }
        let unsent = unsentMessages + lingering.abandoned
        state = .closed
        for connector in connectors { connector.close(afterSending: false) }
        for listener in listeners { listener.closeConnections(afterSending: false) }
        connectors = []
        listeners = []
        self.lingering = nil
        forgetApplication()
        // What the application has not taken holds its pipe, which holds this socket.
        fairQueue = FairQueue()
        restOfReceived = nil
        onEvent = nil
        observer.endEvents()
        loop.remove(self)
        reactor.deferRelease(self)
        for completion in lingering.completions { completion(CloseReport(unsentMessages: unsent)) }
        context.unregister(on: reactor, unsent: unsent)
    }
}
