import ZMQReactor

/// The program: a socket between standard input and standard output.
///
/// A message without room is kept, and nothing more is read until it has been sent. When the reader of standard output
/// is slow, or a reply of `--echo` has no room, no messages are received from the socket. So nothing is lost in
/// between.
final class Cat {
    let arguments: Arguments
    let reactor: Reactor
    private let settings: SocketSettings
    private let context: Context
    private(set) var adapter: (any Adapter)!
    private(set) var input: StandardInput!
    private(set) var output: StandardOutput!
    private var diagnostics = Diagnostics()
    private let format: any LineFormat.Type

    /// The message that did not find room.
    private(set) var unsent: Message?
    private var isPaused = false
    private(set) var sentCount = 0
    private(set) var receivedCount = 0

    // The end
    var ending: Ending?
    private(set) var isInputBroken = false
    var status: CInt = 0
    var isSocketClosed = false
    var idleTimer: ReactorTimer?
    var lastActivity = ContinuousClock.now
    var messagesLeft = 0
    /// The request that is still without a reply at the end has been reported.
    var isUnanswered = false

    init(_ arguments: Arguments, _ settings: SocketSettings, on reactor: Reactor) {
        self.arguments = arguments
        self.settings = settings
        self.reactor = reactor
        reactor.idleStrategy = settings.idleStrategy
        context = Context(
            ioThreads: arguments.ioThreads,
            sendBudget: settings.context.sendBudget,
            receiveBudget: settings.context.receiveBudget
        )
        format = arguments.hex ? HexLines.self : TextLines.self
        output = StandardOutput(on: reactor, for: self)
        input = StandardInput(on: reactor, for: self)
    }

    /// Opens the socket, binds and connects it; the reactor does the rest.
    func start() throws {
        // First of all: other programs wait for output that is printed later before they send a signal.
        try endOnSignals()
        adapter = try open()
        try settings.apply(to: adapter.socket)
        try makeConnections(of: adapter.socket)
        diagnostics.begin()
        try begin()
    }

    private func open() throws(Complaint) -> any Adapter {
        let setup = Setup(reactor: reactor, context: context, options: settings.options, owner: self)
        do { return try arguments.type.open(setup) } catch { throw SocketSettings.complaint(error) }
    }

    private func makeConnections(of socket: Socket) throws {
        if arguments.events { socket.onEvent = { [unowned self] _, event in diagnostics.tell("event \(event)") } }
        let topics = try arguments.topics()
        if arguments.type.subscribes, !arguments.type.sends, topics.isEmpty {
            let remedy = socket is DishSocket ? "give it a group" : "--subscribe \"\" subscribes to everything"
            diagnostics.tell(
                "warning: without --subscribe, a \(arguments.type.name) socket receives nothing: \(remedy)"
            )
        }
        for topic in topics {
            try (socket as? SubscribingSocket)?.subscribe(to: topic)
            try (socket as? DishSocket)?.join(Frame(topic))
        }
        for endpoint in arguments.connect { try socket.connect(endpoint) }
        for endpoint in arguments.bind { diagnostics.tell("bound \(try socket.bind(endpoint))") }
        for name in arguments.bindPassed {
            for endpoint in try socket.bind(passed: name) { diagnostics.tell("bound \(endpoint)") }
        }
    }

    private func begin() throws {
        watchIdleness()
        if arguments.type.receives { output.watchReader() }
        guard arguments.type.sends, !arguments.echo else { return }
        guard let count = arguments.waitForPeers else { return beginInput() }
        PeerWait(for: count, at: adapter.socket) { [unowned self] in beginInput() }.begin()
    }

    private func beginInput() {
        guard ending == nil else { return }
        guard let delay = arguments.delay?.duration else { return input.begin() }
        reactor.after(delay) { [unowned self] _ in if ending == nil { input.begin() } }
    }

    // MARK: Sending

    private func submit(_ message: Message) {
        unsent = nil
        do {
            switch try adapter.send(message) {
            case .accepted:
                sentCount += 1
                noteActivity()
            case .wouldBlock: unsent = message
            }
        } catch { Diagnostics.error(error) }
    }

    /// Receives messages only while they can be printed or sent.
    private func regulate() {
        let isStuck = output.isFull || arguments.echo && unsent != nil
        guard isStuck != isPaused, ending == nil else { return }
        isPaused = isStuck
        if isStuck { adapter.pause() } else { adapter.resume() }
    }
}

extension Cat: StandardInput.Owner {
    var wantsLine: Bool { ending == nil && unsent == nil && adapter.takesLine && !hasReachedCount }

    func take(_ line: ArraySlice<UInt8>) {
        do { submit(try format.message(line)) } catch { Diagnostics.error(error) }
    }

    func inputPaused() { endIfDone() }

    /// Lines read so far are sent, as at the end of the input.
    func inputBroke(_ error: Complaint) {
        Diagnostics.error(error)
        isInputBroken = true
    }
}

extension Cat: AdapterOwner {
    func received(_ message: Message) {
        guard ending == nil else { return }
        receivedCount += 1
        noteActivity()
        format.append(message, to: &output.lines.bytes)
        if arguments.echo, adapter.isAnswerable(message) { submit(message) }
        regulate()
        input.pump()
        endIfDone()
    }

    func becameWritable() {
        guard ending == nil, let unsent else { return }
        submit(unsent)
        regulate()
        input.pump()
        endIfDone()
    }
}

extension Cat: StandardOutput.Owner {
    func outputMoved() {
        regulate()
        finishIfDone()
    }

    func outputBroke(_ error: Complaint?) {
        if let error { Diagnostics.error(error) }
        end(.broken, status: error == nil ? 0 : 1)
    }
}
