import EventReactor
import ZMTP

/// The end of a ``RequestClient`` that is on the reactor: sends the requests with a DEALER, and ends them.
///
///     taken ──▶ line ── turn and room ──▶ table ── reply, last timeout, cancellation, close ──▶ finished
///                 \───── last timeout, cancellation, close ──▶ finished
///
/// Rules:
/// * At most `concurrency` requests are in the table. The others wait in the line, in the order of their arrival, also
///   for a peer with room.
/// * All attempts of a request carry the same number. The first reply ends it; any other is dropped and counted.
/// * Tasks are resumed when the books are right: what a resumed task asks next finds room.
final class RequestLoop {
    let inbox: RequestInbox
    private unowned let socket: DealerSocket
    private unowned let reactor: Reactor
    private let wakeup: Wakeup
    private let concurrency: Int

    private var line = RequestLine()
    private var table = RequestTable()
    /// Finished; their tasks have not been resumed yet.
    private var ended: ContiguousArray<(request: ClientRequest, outcome: ClientRequest.Outcome)> = []
    private var finished = 0
    private var statistics = RequestClient.Statistics()
    private var publishedStatistics = RequestClient.Statistics()
    private var (newRequests, newlyCancelled): (ContiguousArray<ClientRequest>, ContiguousArray<ClientRequest>) = (
        [], []
    )

    private var timer: ReactorTimer?
    /// When the timer is due, in the reactor's time.
    private var timerDue = Int64.max
    private var isScheduled = false
    /// Whether the client is closed when nothing is left.
    private var isDraining = false
    private var isOver = false

    /// Timeouts are at most so much late, in nanoseconds, and looked for no more often.
    private static let timerStep: Int64 = 1_000_000

    init(_ socket: DealerSocket, concurrency: Int, waiting: Int) {
        self.socket = socket
        self.concurrency = concurrency
        reactor = socket.reactor
        wakeup = Wakeup()
        let (limit, isTooLarge) = concurrency.addingReportingOverflow(waiting)
        inbox = RequestInbox(on: reactor.handle, wakeup: wakeup, limit: isTooLarge ? .max : limit)
        guard socket.state == .open else {
            isOver = true
            inbox.end(socket.closedError())
            return
        }
        precondition(
            !socket.hasHandler && socket.consumer == nil,
            "A RequestClient needs a DEALER socket without handler, which nothing else receives from"
        )
        socket.consumer = self
        reactor.register(self, for: wakeup)
    }

    // The reactor was released without having closed its sockets.
    deinit { if !isOver { inbox.end(.clientClosed) } }

    // MARK: Requests

    private func takeNew() {
        // Taken out meanwhile, so that no access to a property lasts.
        var (requests, cancelled) = (newRequests, newlyCancelled)
        (newRequests, newlyCancelled) = ([], [])
        inbox.take(&requests, &cancelled)
        statistics.requests += requests.count
        let now = reactor.nanoseconds
        for request in requests { admit(request, at: now) }
        for request in cancelled { taskCancelled(request) }
        requests.removeAll(keepingCapacity: true)
        cancelled.removeAll(keepingCapacity: true)
        (newRequests, newlyCancelled) = (requests, cancelled)
    }

    private func admit(_ request: ClientRequest, at now: Int64) {
        guard !request.isOver else {
            statistics.cancelled += 1
            return finish(request)
        }
        startAttempt(of: request, at: now)
        line.append(request)
    }

    private func startAttempt(of request: ClientRequest, at now: Int64) {
        guard let timeout = request.timeout else { return }
        let (deadline, isTooLarge) = now.addingReportingOverflow(max(0, timeout.roundedUpNanoseconds))
        request.deadline = isTooLarge ? .max : deadline
        wakeAt(request.deadline)
    }

    /// The task of a request was cancelled.
    private func taskCancelled(_ request: ClientRequest) {
        guard request.place == .line || request.place == .table else { return }
        statistics.cancelled += 1
        remove(request)
    }

    private func remove(_ request: ClientRequest) {
        let wasInLine = request.place == .line
        if !wasInLine { _ = table.remove(request.number) }
        finish(request)
        if wasInLine { line.requestEnded() }
    }

    private func finish(_ request: ClientRequest) {
        request.place = .finished
        finished += 1
    }

    /// Sends what waits, as far as its turn has come and there is room.
    private func sendLine() {
        while table.count < concurrency, let request = line.popFirst() {
            // Its cancellation has not been taken out of the inbox yet.
            guard !request.isOver else {
                statistics.cancelled += 1
                finish(request)
                continue
            }
            table.add(request)
            guard transmit(request) else {
                _ = table.remove(request.number)
                return line.putBack(request)
            }
            request.place = .table
        }
    }

    /// Returns whether there was room. The socket calls when there is again.
    private func transmit(_ request: ClientRequest) -> Bool {
        // A closed socket has ended all requests.
        guard let result = try? socket.send(request.message, numbered: request.number) else { return false }
        if result == .wouldBlock { socket.countRefusals(-1) }
        return result == .accepted
    }

    /// Gives account of what has been finished, and resumes the tasks.
    private func settle() {
        guard finished > 0 || statistics != publishedStatistics else { return }
        publishedStatistics = statistics
        let isIdle = !inbox.finish(finished, statistics)
        finished = 0
        if !ended.isEmpty {
            var ended = ContiguousArray<(request: ClientRequest, outcome: ClientRequest.Outcome)>()
            swap(&ended, &self.ended)
            for (request, outcome) in ended { request.end(outcome) }
            ended.removeAll(keepingCapacity: ended.count <= 4096)
            if self.ended.isEmpty { self.ended = ended }
        }
        if isDraining, isIdle { end(.clientClosed) }
    }

    private func schedule() {
        guard !isScheduled, !isOver else { return }
        isScheduled = true
        reactor.atEndOfTurn(self)
    }

    // MARK: Timeouts

    private func wakeAt(_ deadline: Int64) {
        guard deadline < timerDue else { return }
        let step = Self.timerStep
        let due = deadline > .max - step ? .max : (deadline + step - 1) / step * step
        guard due < timerDue else { return }
        timerDue = due
        let delay = Duration.nanoseconds(due - reactor.nanoseconds)
        if timer?.reschedule(after: delay) != true { timer = reactor.after(delay, handler: self) }
    }

    private func lookForTimeouts() {
        let now = reactor.nanoseconds
        timerDue = .max
        var next = Int64.max
        for request in line.all + table.all {
            if request.deadline <= now { timedOut(request, at: now) }
            if request.place != .finished { next = min(next, request.deadline) }
        }
        wakeAt(next)
        sendLine()
        settle()
    }

    private func timedOut(_ request: ClientRequest, at now: Int64) {
        guard !request.isOver else { return taskCancelled(request) }
        guard request.retries > 0 else {
            let error = ZMQError(.timedOut, "timed out after \(request.timeout!) waiting for a reply")
            ended.append((request, .failure(error)))
            statistics.timedOut += 1
            return remove(request)
        }
        request.retries -= 1
        startAttempt(of: request, at: now)
        // One that has not been sent goes on waiting; without room, this attempt is over.
        guard request.place == .table, transmit(request) else { return }
        statistics.retries += 1
    }

    // MARK: The end

    /// Accepts nothing more, and closes when the accepted requests have ended, or after the limit.
    func close(within limit: Duration, _ completion: @escaping () -> Void) {
        guard !isOver, socket.state == .open else { return socket.close { _ in completion() } }
        inbox.refuse(.clientClosed)
        takeNew()
        sendLine()
        settle()
        guard !isOver else { return socket.close { _ in completion() } }
        isDraining = true
        let isIdle = !inbox.finish(0, statistics)
        let timer = isIdle || limit <= .zero ? nil : reactor.after(limit) { [weak self] _ in self?.end(.clientClosed) }
        whenClosed.append {
            timer?.cancel()
            completion()
        }
        if timer == nil { end(.clientClosed) }
    }

    private var whenClosed: [() -> Void] = []

    /// Ends all requests with the error, and closes the socket.
    private func end(_ error: ZMQError) {
        guard !isOver else { return }
        isOver = true
        reactor.register(nil, for: wakeup)
        timer?.cancel()
        inbox.end(error)
        for request in line.all + table.all {
            finish(request)
            ended.append((request, .failure(error)))
        }
        line = RequestLine()
        table = RequestTable()
        settle()
        let completions = whenClosed
        whenClosed = []
        // What is queued are requests whose tasks no longer wait.
        var options = socket.options
        options.linger = .none
        socket.setOptions(options)
        let tell = { (_: CloseReport) in for completion in completions { completion() } }
        if socket.state == .open { return socket.close(tell) }
        // It begins to close, and is not to be closed within that.
        reactor.after(.zero) { [socket] _ in socket.close(tell) }
    }
}

extension RequestLoop: SocketConsumer {
    func take(_ batch: inout MessageBatch, from pipe: Pipe, at socket: Socket) {
        var unexpected = 0
        while let message = batch.next() {
            guard let number = RequestEnvelope.number(in: message), let (frames, body) = RequestEnvelope.split(message),
                frames == 2, let request = table.remove(number)
            else {
                unexpected += 1
                continue
            }
            finish(request)
            guard !request.isOver else {
                statistics.cancelled += 1
                continue
            }
            statistics.replies += 1
            ended.append((request, .success(body)))
        }
        if unexpected > 0 {
            statistics.unexpectedReplies += unexpected
            socket.drop(unexpected, .unexpected)
        }
        schedule()
    }

    func messagesArrived(at socket: Socket) {}

    func becameWritable(at socket: Socket) { schedule() }

    func socketCloses(_ socket: Socket) { end(socket.closedError()) }
}

extension RequestLoop: EndOfTurnHandler {
    func reactorTurnEnded() {
        isScheduled = false
        guard !isOver else { return }
        sendLine()
        settle()
    }
}

extension RequestLoop: WakeupHandler {
    func wakeupSignalled() {
        guard !isOver else { return }
        takeNew()
        sendLine()
        settle()
    }
}

extension RequestLoop: TimerHandler {
    func timerFired(_ timer: ReactorTimer) { if !isOver { lookForTimeouts() } }
}
