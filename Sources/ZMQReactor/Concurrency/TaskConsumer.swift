import EventReactor

/// The tasks that use a socket.
final class TaskConsumer: SocketConsumer, EndOfTurnHandler {
    let receivers = WaiterQueue()
    let senders = WaiterQueue()
    /// Requests that wait for their replies.
    var requests: [Suspension<Result<Message, ZMQError>>] = []

    /// What tasks may take without waiting: then the loop has to have a turn.
    @exclusivity(unchecked) private var budget = WorkBudget()  // numbers, read and assigned

    private var (hasMessages, hasRoom, isScheduled) = (false, false, false)

    func messagesArrived(at socket: Socket) {
        guard !receivers.isFree else { return }
        hasMessages = true
        schedule(on: socket)
    }

    /// Whether a task may take something now; otherwise it is called in the next turn.
    @inline(__always)
    func mayReceive(from socket: Socket) -> Bool {
        guard budget.portion > 0 || budget.renew(at: socket.reactor.workTime) else {
            hasMessages = true
            schedule(on: socket)
            return false
        }
        budget.portion &-= 1
        return true
    }

    func roomWasMade(at socket: Socket) {
        guard !senders.isFree else { return }
        hasRoom = true
        schedule(on: socket)
    }

    func socketCloses(_ socket: Socket) {
        let error = socket.closedError()
        receivers.end(error)
        senders.end(error)
        for request in requests { request.end(.failure(error)) }
    }

    private func schedule(on socket: Socket) {
        guard !isScheduled else { return }
        isScheduled = true
        socket.reactor.atEndOfTurn(self)
    }

    /// One task of each kind, for all that has come in this turn: it goes on until it has to wait again.
    package func reactorTurnEnded() {
        isScheduled = false
        budget.begin()
        if hasMessages { receivers.grantNext() }
        if hasRoom { senders.grantNext() }
        (hasMessages, hasRoom) = (false, false)
    }
}

extension Socket {
    /// The tasks that use this socket, if there have been any.
    @inline(__always)
    final var tasks: TaskConsumer? {
        guard let consumer, Swift.type(of: consumer) == TaskConsumer.self else { return nil }
        return unsafeDowncast(consumer, to: TaskConsumer.self)
    }

    /// Has tasks use this socket, which must be open.
    final func tasksOrMake() -> TaskConsumer {
        if let tasks { return tasks }
        precondition(
            consumer == nil,
            "This \(type) socket is used by a proxy. Give it to the proxy, or to tasks, and not to both."
        )
        let tasks = TaskConsumer()
        consumer = tasks
        return tasks
    }
}
