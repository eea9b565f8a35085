public import EventReactor
public import ZMTP

/// The base class of all sockets. Sends and receives messages on one reactor, for any number of peers.
///
/// Create one of the subclasses. A socket belongs to the thread of its reactor, and lives until ``close(_:)``, even
/// when the application holds no reference to it.
public class Socket {
    /// The reactor of this socket. All its callbacks run there.
    public let reactor: Reactor

    /// The context this socket was created in.
    public let context: Context

    /// The type of this socket.
    public let type: SocketType

    /// Distinguishes this socket from all others of the program, whatever becomes of them.
    package final let number = UniqueNumber.next()

    /// The socket's options; change them with ``configure(_:)``.
    public final var options: SocketOptions { _read { yield endpointOptions.options } }

    /// The options for endpoints that are bound and connected from now on.
    final private(set) var endpointOptions: EndpointOptions

    final func setOptions(_ options: SocketOptions) { endpointOptions = EndpointOptions(options, profile) }

    /// Counters of this socket's traffic.
    public final var statistics: SocketStatistics { observer.statistics }

    /// The origin of every counter, drop and event.
    final let observer = SocketObserver()

    /// The budgets that the pipes share.
    final let budgets: PipeBudgets

    /// The open sockets of the reactor.
    final let members: ContextMembers

    /// Closes the connections of slow peers, if an option enables this.
    final private(set) lazy var slowPeers = SlowPeers(of: self, on: reactor)

    /// Called with every event of the socket's connections.
    public final var onEvent: ((Socket, SocketEvent) -> Void)? {
        didSet { observer.onEvent = onEvent.map { onEvent in { [unowned self] in onEvent(self, $0) } } }
    }

    /// The resolved endpoint of the last bind.
    public final internal(set) var lastEndpoint: String?

    /// The socket's peers. No foreign code runs while it changes.
    @exclusivity(unchecked) private var table = PipeTable()

    /// The same, by their numbers; a peer that is gone leaves a gap.
    final var pipes: [Pipe?] { _read { yield table.pipes } }

    final var listeners: [Listener] = []
    final var connectors: [Connector] = []
    /// The hosts to all of whose addresses it is connected. Their connectors are among the others.
    final var hosts: [HostConnections] = []

    private var currentState = SocketState.open
    /// Every call of the application reads it, so a call from another thread is detected here.
    final var state: SocketState {
        get {
            reactor.checkThread()
            return currentState
        }
        set { currentState = newValue }
    }
    final var lingering: Lingering?

    @exclusivity(unchecked) final var fairQueue: FairQueue  // calls nothing unknown
    /// The peer of the message that was received or delivered last.
    final var lastSender = Sender.none
    final var isPaused = false
    private var isDrainScheduled = false
    /// What the budget of a drain has measured, see `WorkBudget`.
    private var portionSize = WorkBudget.initialSize

    /// Whether there is a handler for messages, now or later.
    final var hasHandler = false

    final var visits = 0

    /// The type of the handler, for reports; nil without one.
    final var handlerType: Any.Type?

    /// Consumes the socket's messages instead of a handler: tasks, or a proxy.
    final var consumer: (any SocketConsumer)?

    /// The other end of the socket's handle; nil while there is none.
    final var outlet: Outlet?
    /// Whether that is offered room first the next time: it and the handler take turns.
    final var offersToOutletFirst = false

    /// How the socket deals with its peers; nil for types without a rule.
    final let pattern: (any Pattern)?

    /// The pipes that were full and have had room since this turn.
    @exclusivity(unchecked) final var relieved: [Pipe] = []  // appended to, and taken

    /// The frames of a message that is being sent frame by frame.
    final var parts: [Frame] = []

    /// The name under which ROUTER peers know this socket (ID-2).
    final var identity: [UInt8] = [] { didSet { endpointOptions = EndpointOptions(options, profile) } }

    /// The rest of a message that is being received frame by frame.
    final var restOfReceived: Message?

    /// - Parameter isReceiver: whether there is a handler for messages.
    init(
        _ type: SocketType,
        _ place: _SocketPlace,
        _ options: SocketOptions,
        by pattern: (any Pattern)? = nil,
        isReceiver: Bool = false
    ) throws(ZMQError) {
        try Transports.validate(options, for: type)
        self.type = type
        let (reactor, context) = (place.reactor, place.context)
        self.reactor = reactor
        self.context = context
        self.pattern = pattern
        fairQueue = FairQueue(isInOrder: type.traits.contains(.onePeer))
        hasHandler = isReceiver
        budgets = PipeBudgets(
            on: reactor,
            send: options.sendBudget,
            receive: options.receiveBudget,
            within: context
        )
        endpointOptions = EndpointOptions(options, SocketProfile(type: type, identity: []))
        try context.register(on: reactor)
        let members = ContextMembers.of(reactor)
        self.members = members
        budgets.belong(to: self)
        members.add(self)
        context.introduce(self)
    }

    /// Changes options. Either all changes take effect or none.
    ///
    /// An endpoint keeps the options of its bind or connect, even for peers that connect later: changes apply to
    /// endpoints bound or connected afterwards. Options of the socket as a whole change at once:
    /// ``SocketOptions/sendBudget``, ``SocketOptions/receiveBudget``, and ``SocketOptions/linger`` for ``close(_:)``.
    ///
    /// - Throws: `invalidArgument` with the option and its invalid value.
    public final func configure(_ change: (inout SocketOptions) -> Void) throws(ZMQError) {
        reactor.checkThread()
        var changed = options
        change(&changed)
        try Transports.validate(changed, for: type)
        setOptions(changed)
        budgets.configure(changed)
    }

    // MARK: Overridden by socket types

    /// Whether an arriving message may replace the previous one when only the last is kept.
    func wants(_ message: borrowing Message) -> Bool { true }

    /// Whether an arriving message can be delivered to a handler now.
    var canDeliver: Bool { hasHandler }

    /// Messages have arrived.
    func receive(_ batch: consuming MessageBatch, from pipe: Pipe) { hand(batch, from: pipe) }

    /// Delivers the batch's messages to the handler, one by one, as long as the socket `isDelivering`.
    func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {}

    /// Calls `body` with the handler, if there is one, and with each of the batch's messages, as long as the socket
    /// `isDelivering`.
    @inline(__always)
    final func deliver<Handler>(
        _ batch: inout MessageBatch,
        to handler: Handler?,
        _ body: (Handler, borrowing Message) -> Void
    ) {
        guard let handler else { return }
        batch.forEach(while: { isDelivering }) { body(handler, $0) }
    }

    /// Sends messages off the front of the batch, each behind the frame in `prefix`, in wire form, unless it is empty.
    /// Messages left in the batch would block, and the consumer is called when there is room.
    func forward(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        pattern?.forward(&batch, behind: prefix, at: self)
    }

    /// Calls the handler after a send that would have blocked: the socket can send again, to any peer or to that of the
    /// pipe.
    func becameWritable(for pipe: Pipe?) {}

    /// Calls the handler after one of its messages was dropped.
    func messageDropped() {}

    /// Releases the handler, after its last call.
    func forgetHandler() {}

    // MARK: Pipes

    /// The number of connected peers whose handshake is complete.
    public final var peerCount: Int { pipes.count { $0?.peer != nil } }

    /// Whether there is a peer, connected or not.
    final var hasPipes: Bool { !table.isEmpty }

    final func add(_ pipe: Pipe) {
        table.add(pipe)
        pipeAdded(pipe)
    }

    final func renumber(_ pipe: Pipe) -> Int { table.renumber(pipe) }

    final func free(slot: Int) { table.free(slot: slot) }

    final func remove(_ pipe: Pipe) {
        guard table.contains(pipe) else { return }
        table.remove(pipe)
        pipeRemoved(pipe)
        pipe.forgetSent()
        precondition(!pipe.isInRotation, "a pipe that is removed must not be in a rotation")
        table.free(slot: pipe.slot)
        pipe.slot = -1
        abandon(pipe.outbound.count)
    }

    /// Messages can no longer be sent.
    final func abandon(_ count: Int) {
        guard count > 0 else { return }
        lingering?.abandoned += count
        drop(count, state == .closed ? .lingerExpired : .peerGone)
    }

    // MARK: Receiving

    /// Whether messages are delivered to the handler now.
    final var isDelivering: Bool { canDeliver && !isPaused && state == .open }

    /// Delivers messages to the application, or queues them.
    final func hand(_ batch: consuming MessageBatch, from pipe: Pipe) {
        observer.record(.received(batch.count))
        if pipe.conflates { keepLast(of: &batch, from: pipe) }
        if fairQueue.isEmpty {
            lastSender = Sender(pipe)
            consumer?.take(&batch, from: pipe, at: self)
            if isDelivering { deliver(&batch, from: pipe) }
        }
        guard !batch.isEmpty else { return }
        guard state == .open else { return drop(batch.count, .undelivered) }
        pipe.inbound.append(batch)
        fairQueue.add(pipe)
        consumer?.messagesArrived(at: self)
    }

    /// Reduces a batch, and the messages queued ahead of it, to the newest message.
    private func keepLast(of batch: inout MessageBatch, from pipe: Pipe) {
        var displaced = pipe.inbound.count
        var last: Message?
        var unwanted = 0
        while let message = batch.next() {
            guard wants(message) else {
                unwanted += 1
                continue
            }
            if last != nil { displaced += 1 }
            last = message
        }
        drop(unwanted, .notSubscribed)
        guard let last else { return }
        let passedOver = pipe.inbound.held
        pipe.inbound.removeAll()
        if passedOver != .zero { pipe.taken(passedOver) }
        drop(displaced, .conflated)
        batch = MessageBatch(last)
    }

    /// Schedules the delivery of queued messages, now that the handler accepts messages again.
    final func scheduleDrain() {
        guard !isDrainScheduled, !fairQueue.isEmpty else { return }
        isDrainScheduled = true
        reactor.atEndOfTurn(self)
    }

    /// Delivers queued messages to the handler, one from each peer in turn.
    private func drain() {
        isDrainScheduled = false
        var budget = WorkBudget(size: portionSize)
        while isDelivering, budget.portion > 0 || budget.renew(at: reactor.workTime),
            let next = nextBatch()
        {
            var batch = next.batch
            deliver(&batch, from: next.pipe)
            budget.portion -= 1
        }
        if budget.isMeasuring {
            budget.end(at: reactor.workTime)
            portionSize = budget.size
        }
        if isDelivering { scheduleDrain() }
    }
}

extension Socket: EndOfTurnHandler {
    package func reactorTurnEnded() { drain() }
}
