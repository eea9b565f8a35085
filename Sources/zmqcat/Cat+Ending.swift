import ZMQReactor

extension Cat {
    /// Why the program ends.
    enum Ending {
        /// There is nothing more to send.
        case inputEnded
        /// As many messages have passed as were asked for.
        case counted
        /// Nothing has happened for too long.
        case idle
        /// Somebody wants it to.
        case signal
        /// Nobody reads what is printed, or it cannot be written.
        case broken
    }

    /// Whether as many messages have passed as were asked for.
    var hasReachedCount: Bool {
        guard let count = arguments.count else { return false }
        // The last request is only done with when it has been answered, if it still can be.
        if adapter.owesReply, !input.isExhausted { return false }
        return (arguments.type.traits.contains(.receives) ? receivedCount : sentCount) >= count
    }

    /// Ends when what was asked for is done.
    func endIfDone() {
        guard ending == nil else { return }
        if hasReachedCount, !arguments.echo || unsent == nil { return end(.counted) }
        guard input.isExhausted, unsent == nil else { return }
        if adapter.isDoneWithoutInput { end(.inputEnded) } else { adapter.inputEnded() }
    }

    /// Closes the socket, and stops the reactor when that is done and everything has been printed.
    func end(_ reason: Ending, status: CInt = 0) {
        guard ending == nil else { return }
        ending = reason
        self.status = isInputBroken ? 1 : status
        input.end()
        if reason != .inputEnded { idleTimer?.cancel() }
        // In the next turn: inside a callback of the socket, a peer that has just come has no whole connection yet, and what
        // was sent to it would be lost.
        reactor.after(.zero) { [unowned self] _ in close() }
    }

    private func close() {
        let socket = adapter.socket
        if ending == .idle { try? socket.configure { $0.linger = .none } }
        socket.close { [unowned self] report in
            isSocketClosed = true
            if report.unsentMessages > 0 {
                let count = report.unsentMessages
                Diagnostics.error(Complaint("\(count) message\(count == 1 ? " has" : "s have") not left"))
            }
            finishIfDone()
        }
    }

    /// Whoever wants the program gone does not wait for a reader that has stopped.
    func finishIfDone() {
        guard isSocketClosed, output.isEmpty || ending == .signal else { return }
        reactor.stop()
    }

    // MARK: Reasons from outside

    /// The first signal closes the socket; one during closing does not wait for unsent messages.
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

    /// Ends the program when no message has been sent or received for as long as `--timeout` says, also while it waits
    /// for messages to leave.
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
            end(.idle, status: 1)
        }
    }
}
