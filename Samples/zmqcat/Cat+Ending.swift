import ZMQReactor

extension Cat {
    /// Why the program ends.
    enum Ending {
        /// There is nothing more to send.
        case inputEnded
        /// The requested number of messages has passed.
        case counted
        /// Nothing has happened for the length of `--timeout`.
        case idle
        /// A signal has arrived.
        case signal
        /// The output has no reader, or cannot be written.
        case broken
    }

    /// Whether the requested number of messages has passed.
    var hasReachedCount: Bool {
        guard let count = arguments.count else { return false }
        // The last request is complete only when it has been answered, if that is still possible.
        if adapter.owesReply, !input.isExhausted { return false }
        return (arguments.type.receives ? receivedCount : sentCount) >= count
    }

    /// Ends when the requested work is done.
    func endIfDone() {
        guard ending == nil else { return }
        if hasReachedCount, !arguments.echo || unsent == nil { return end(.counted) }
        guard input.isExhausted, unsent == nil else { return }
        if adapter.isDoneWithoutInput { end(.inputEnded) } else { adapter.inputEnded() }
    }

    /// Closes the socket, and stops the reactor when that is done and all output has been written.
    func end(_ reason: Ending, status: CInt = 0) {
        guard ending == nil else { return }
        ending = reason
        self.status = isInputBroken ? 1 : status
        input.end()
        if reason != .inputEnded { idleTimer?.cancel() }
        // In the next turn: within a callback of the socket, the connection of a new peer is not complete, and messages
        // sent to it would be lost.
        reactor.after(.zero) { [unowned self] _ in close() }
    }

    private func close() {
        let socket = adapter.socket
        if ending == .idle { try? socket.configure { $0.linger = .none } }
        socket.close { [unowned self] report in
            isSocketClosed = true
            if report.unsentMessages > 0, !isUnanswered {
                let count = report.unsentMessages
                Diagnostics.error(Complaint("\(count) message\(count == 1 ? " has" : "s have") not left"))
            }
            finishIfDone()
        }
    }

    /// After a signal, does not wait for a reader that has stopped.
    func finishIfDone() {
        guard isSocketClosed, output.isEmpty || ending == .signal else { return }
        reactor.stop()
    }

    // MARK: External reasons

    /// The first signal closes the socket; a second one does not wait for unsent messages.
    func endOnSignals() throws {
        try reactor.onTermination { [unowned self] _ in
            guard ending == nil else {
                if ending != .idle, !isInputBroken { status = 0 }
                return reactor.stop()
            }
            end(.signal)
        }
    }

    func noteActivity() {
        if idleTimer != nil { lastActivity = .now }
    }

    /// Ends the program when no message has been sent or received for the length of `--timeout`, even while it waits
    /// for messages to be sent.
    func watchIdleness() {
        guard let limit = arguments.timeout?.duration else { return }
        lastActivity = .now
        idleTimer = reactor.after(limit) { [unowned self] timer in
            let left = adapter.socket.statistics.messagesSent
            if left > messagesLeft {
                messagesLeft = left
                lastActivity = .now
            }
            let rest = limit - (.now - lastActivity)
            guard rest <= .zero else {
                timer.reschedule(after: rest)
                return
            }
            guard ending == nil else {
                status = 1
                return reactor.stop()
            }
            if adapter.awaitsReply || adapter is RequestAdapter && unsent != nil {
                isUnanswered = true
                Diagnostics.error(Complaint("no answer within \(arguments.timeout?.text ?? "")"))
            }
            end(.idle, status: 1)
        }
    }
}
