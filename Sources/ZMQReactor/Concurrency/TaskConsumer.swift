import EventReactor

/// The tasks that use a socket.
final class TaskConsumer: SocketConsumer, EndOfTurnHandler {
    let receivers = WaiterQueue()
    let senders = WaiterQueue()
    /// Pending requests.
    var requests: [Suspension<Result<Message, ZMQError>>] = []

    /// How much tasks may take without waiting; then the loop must have a turn.
    private var budget = WorkBudget()

    private var (hasMessages, isWritable, isScheduled) = (false, false, false)

    func messagesArrived(at socket: Socket) {
        guard !receivers.isFree else { return }
        hasMessages = true
        schedule(on: socket)
    }

    /// Whether a task may take a message now; otherwise one is granted a turn in the next turn of the loop.
    @inline(__always)
    func mayReceive(from socket: Socket) -> Bool {
        guard budget.portion > 0 || renewBudget(at: socket.reactor.workTime) else {
            hasMessages = true
            schedule(on: socket)
            return false
        }
        budget.portion &-= 1
        return true
    }

    // As a copy, so that no access to the property lasts.
    private func renewBudget(at now: Int64) -> Bool {
        var budget = budget
        defer { self.budget = budget }
        return budget.renew(at: now)
    }

    func becameWritable(at socket: Socket) {
        guard !senders.isFree else { return }
        isWritable = true
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

    /// Grants a turn to one task of each kind, for everything that arrived in this turn: it continues until it has to
    /// wait again.
    package func reactorTurnEnded() {
        isScheduled = false
        budget = WorkBudget(size: budget.size)
        if hasMessages { receivers.grantNext() }
        if isWritable { senders.grantNext() }
        (hasMessages, isWritable) = (false, false)
    }
}

extension Socket {
    /// The consumer of the tasks that use this socket, if there have been any.
    @inline(__always)
    final var tasks: TaskConsumer? {
        guard let consumer, Swift.type(of: consumer) == TaskConsumer.self else { return nil }
        return unsafeDowncast(consumer, to: TaskConsumer.self)
    }

    /// Makes tasks the consumer of this socket, which must be open.
    final func tasksOrMake() -> TaskConsumer {
        if let tasks { return tasks }
        precondition(
            consumer == nil,
            "This \(type) socket is used by a proxy; tasks cannot use it as well."
        )
        let tasks = TaskConsumer()
        consumer = tasks
        return tasks
    }
}
