import ZMQReactor

/// The rules of the broker (RFC 18), without a socket: what arrives goes in, and what is to be sent comes out.
///
/// A request is known by the address of its client, which has at most one. It waits in the queue of its service, is
/// then assigned to a worker, and ends with that worker's final reply, or with its client. When a worker is lost, its
/// request is assigned to another. Two exceptions protect what a client gets, and the workers: a request is not
/// repeated once a partial reply has been forwarded, because the client would get it again; and not after
/// `maxDeliveries` workers were lost with it, because it may be the cause. In both cases the client's own timeout
/// decides what is next.
///
/// Only the worker to which a request is assigned can reply to it, so the late reply of a worker that was given up is
/// not forwarded.
struct Dispatcher {
    struct Request {
        let service: Frame
        let body: Message
        let deadline: SuspendingClock.Instant
        var worker: Frame?
        var deliveries = 0
        var hasPartialReply = false
    }

    struct Worker {
        let service: Frame
        /// The client whose request it works on.
        var client: Frame?
        var lastSign: SuspendingClock.Instant
    }

    /// The queues of a service. Entries are skipped when they no longer hold, and removed at the next tick.
    struct Service {
        var waiting = Queue()
        /// The worker that has been idle for longest is the first one.
        var idle = Queue()
    }

    private let settings: Broker.Settings
    private var requests: [Frame: Request] = [:]
    private var workers: [Frame: Worker] = [:]
    private var services: [Frame: Service] = [:]
    private var outbox: [(recipient: Frame, message: Message)] = []

    init(_ settings: Broker.Settings) { self.settings = settings }

    /// What is to be sent, in this order. Empty after the call.
    mutating func takeOutbox() -> [(recipient: Frame, message: Message)] {
        defer { outbox = [] }
        return outbox
    }

    // MARK: What happens

    /// A message has arrived, with the address of its sender in front. Anything that is no command is ignored.
    mutating func receive(_ message: Message, now: SuspendingClock.Instant) {
        guard let (envelope, body) = message.split(envelope: 1), let sender = envelope.frame(0)?.copy() else { return }
        if case .request(let service, let body) = ClientCommand(body) {
            request(service, body, from: sender, now: now)
        } else if let command = WorkerCommand(body) {
            receive(command, from: sender, now: now)
        }
    }

    /// A client or worker has left.
    mutating func peerLeft(_ address: Frame) {
        requests[address] = nil
        removeWorker(address)
    }

    /// To be called in each heartbeat interval.
    mutating func tick(now: SuspendingClock.Instant) {
        for (address, worker) in workers where now - worker.lastSign >= settings.heartbeats.limit {
            removeWorker(address)
        }
        for address in workers.keys { send(.heartbeat, to: address) }
        for (client, request) in requests where request.worker == nil && request.deadline <= now {
            requests[client] = nil
        }
        for name in services.keys { tidy(name) }
    }

    // MARK: Clients

    private mutating func request(_ service: Frame, _ body: Message, from client: Frame, now: SuspendingClock.Instant) {
        guard requests[client] == nil else { return }  // One at a time.
        guard !service.string.hasPrefix("mmi.") else { return answerItself(service, body, to: client) }
        let name = service.copy()
        // Copies, because they are kept: a slice would keep all that arrived with it.
        requests[client] = Request(service: name, body: body.copy(), deadline: now + settings.requestLifetime)
        services[name, default: Service()].waiting.append(client)
        dispatch(name)
    }

    /// The broker's own services (RFC 8). `mmi.service` says whether a service has workers.
    private mutating func answerItself(_ service: Frame, _ body: Message, to client: Frame) {
        let code =
            if service != "mmi.service" {
                "501"
            } else if workers.values.contains(where: { $0.service == body.frame(0) }) {
                "200"
            } else {
                "404"
            }
        send(.final(service: service, body: Message(code)), to: client)
    }

    // MARK: Workers

    private mutating func receive(_ command: WorkerCommand, from address: Frame, now: SuspendingClock.Instant) {
        workers[address]?.lastSign = now
        switch command {
        case .ready(let service) where workers[address] == nil && !service.string.hasPrefix("mmi."):
            workers[address] = Worker(service: service.copy(), lastSign: now)
            makeIdle(address)
        case .heartbeat where workers[address] != nil: break
        case .partial(let client, let body) where workers[address]?.client == client:
            guard let request = requests[client], request.worker == address else { return }
            requests[client]?.hasPartialReply = true
            send(.partial(service: request.service, body: body), to: client)
        case .final(let client, let body) where workers[address]?.client == client:
            if let request = requests[client], request.worker == address {
                requests[client] = nil
                send(.final(service: request.service, body: body), to: client)
            }
            makeIdle(address)
        case .disconnect: removeWorker(address)
        default:
            // It is not known (the broker may have been restarted), or does not keep to the protocol: it begins anew.
            removeWorker(address)
            send(.disconnect, to: address)
        }
    }

    private mutating func makeIdle(_ address: Frame) {
        guard let service = workers[address]?.service else { return }
        workers[address]?.client = nil
        services[service, default: Service()].idle.append(address)
        dispatch(service)
    }

    private mutating func removeWorker(_ address: Frame) {
        guard let worker = workers.removeValue(forKey: address), let client = worker.client,
            let request = requests[client], request.worker == address
        else { return }
        guard !request.hasPartialReply, request.deliveries < settings.maxDeliveries else {
            return requests[client] = nil
        }
        requests[client]?.worker = nil
        services[request.service, default: Service()].waiting.prepend(client)
        dispatch(request.service)
    }

    // MARK: Queues

    /// Assigns requests that wait to workers that are idle.
    private mutating func dispatch(_ name: Frame) {
        guard var service = services[name] else { return }
        while let client = service.waiting.first(where: isWaiting), let worker = service.idle.first(where: isIdle) {
            service.waiting.removeFirst()
            service.idle.removeFirst()
            requests[client]?.worker = worker
            requests[client]?.deliveries += 1
            workers[worker]?.client = client
            if let body = requests[client]?.body { send(.request(client: client, body: body), to: worker) }
        }
        services[name] = service
    }

    private func isWaiting(_ client: Frame) -> Bool { requests[client].map { $0.worker == nil } ?? false }

    private func isIdle(_ address: Frame) -> Bool { workers[address].map { $0.client == nil } ?? false }

    private mutating func tidy(_ name: Frame) {
        guard var service = services[name] else { return }
        service.waiting.keep(where: isWaiting)
        service.idle.keep(where: isIdle)
        services[name] = service.waiting.isEmpty && service.idle.isEmpty ? nil : service
    }

    private mutating func send(_ command: ClientCommand, to client: Frame) { outbox.append((client, command.message)) }

    private mutating func send(_ command: WorkerCommand, to worker: Frame) { outbox.append((worker, command.message)) }
}
