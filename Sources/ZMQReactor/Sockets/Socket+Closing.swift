import EventReactor

/// A closing socket: queued messages are sent until a deadline.
final class Lingering {
    var completions: [(CloseReport) -> Void] = []
    var timer: ReactorTimer?
    /// Messages that can no longer be sent, because their recipient is gone.
    var abandoned = 0
}

extension Socket {
    /// Whether ``close(_:)`` has been called.
    public var isClosed: Bool { state != .open }

    /// Closes the socket: it accepts, delivers and receives nothing more, and keeps sending queued messages for as long
    /// as ``SocketOptions/linger`` allows.
    ///
    /// The reactor must run for queued messages to be sent. Closing twice is harmless; both completions are called.
    ///
    /// - Parameter completion: called on the reactor, once, when the last connection is gone, never before this
    ///   returns.
    public func close(_ completion: @escaping (CloseReport) -> Void = { _ in }) {
        switch state {
        case .closed: reactor.after(.zero) { _ in completion(CloseReport(unsentMessages: 0)) }
        case .closing: lingering?.completions.append(completion)
        case .open: beginClosing(completion)
        }
    }

    private func beginClosing(_ completion: @escaping (CloseReport) -> Void) {
        let lost = outlet.take()?.end() ?? 0
        // Sending that may have called a handler, which has closed the socket.
        guard state == .open else { return close(completion) }
        state = .closing
        drop(fairQueue.removeAll(), .undelivered)
        parts = []
        consumer.take()?.socketCloses(self)
        closingBegins()
        let lingering = Lingering()
        lingering.completions.append(completion)
        self.lingering = lingering
        lingering.abandoned = lost
        drop(lost, .lingerExpired)
        let limit = options.linger.limit
        for listener in listeners { listener.stopListening() }
        for host in hosts { host.stop() }
        hosts = []
        if limit != .zero {
            for connector in connectors { connector.close(afterSending: true) }
            for listener in listeners { listener.closeConnections(afterSending: true) }
        }
        // A timer even when there is nothing to wait for: the completion is not called within this call.
        lingering.timer = reactor.after(isDone ? .zero : limit ?? .seconds(1 << 30)) { [self] _ in lingerEnded() }
    }

    func stopListening() {
        guard state == .open else { return }
        for listener in listeners { listener.stopListening() }
    }

    /// Closes without waiting, not even for the next turn, which will not come.
    func closeAtOnce() {
        var options = options
        options.linger = .none
        setOptions(options)
        close()
        lingering?.timer?.cancel()
        lingerEnded()
    }

    private var isDone: Bool { connectors.allSatisfy(\.isClosed) && listeners.allSatisfy { $0.connectionCount == 0 } }

    /// Called when the last connection may be gone.
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
        // Messages that the application has not received hold their pipe, which holds this socket.
        fairQueue = FairQueue()
        restOfReceived = nil
        onEvent = nil
        observer.endEvents()
        members.remove(self)
        reactor.deferRelease(self)
        for completion in lingering.completions { completion(CloseReport(unsentMessages: unsent)) }
        context.unregister(on: reactor, unsent: unsent)
    }
}
