import EventReactor
import ZMQReactor

/// One socket under load, on its own loop: it sends at a rate, checks arriving messages, and keeps its books.
///
/// `@unchecked Sendable` so that the main thread can pass it tasks; everything but the ledger is used on its own loop.
final class Role: @unchecked Sendable {
    let settings: Settings
    let ledger: Ledger
    private let reactor: Reactor
    private var book: Book
    private var sockets: [Socket] = []
    private var next: UInt32 = 0
    private var generator: ReactorTimer?
    /// Messages that are still due in this tick.
    private var due = 0.0
    private var sinceBreak = 0
    private var raw = RawStream()
    /// The peer that a PEER has connected to.
    private var peer = Frame()
    /// Messages that could not be returned.
    private var notReturned: UInt64 = 0

    private static let tick = Duration.milliseconds(10)

    init(_ settings: Settings, in directory: String, on reactor: Reactor, _ context: Context) throws {
        self.settings = settings
        self.reactor = reactor
        let path = "\(directory)/\(settings.name)"
        ledger = Ledger("\(path).ledger")
        book = Book(path, ledger)
        let begin = try open(in: context)
        for (index, socket) in sockets.enumerated() {
            // A proxy binds its second socket to the second endpoint.
            for endpoint in sockets.count > 1 ? [settings.binds[index]] : settings.binds { try socket.bind(endpoint) }
            for endpoint in index == 0 ? settings.connects : [] {
                if let one = socket as? PeerSocket {
                    peer = try one.connectPeer(endpoint)
                } else {
                    try socket.connect(endpoint)
                }
            }
        }
        begin()
        reactor.every(Self.tick) { [unowned self] _ in
            ledger[.dropped] = dropped
            ledger[.queued] = UInt64(sockets.reduce(0) { $0 + $1.messagesQueued + $1.messagesWaiting })
        }
    }

    private var dropped: UInt64 { notReturned + UInt64(sockets.reduce(0) { $0 + $1.statistics.messagesDropped }) }

    // MARK: Socket types

    /// Makes the sockets. Returns a closure that starts the load, once their endpoints are known.
    private func open(in context: Context) throws -> () -> Void {
        let options = settings.options
        switch settings.type {
        case "push":
            let socket = add(try PushSocket(on: reactor, in: context, options: options))
            return { self.generate { try! socket.send($0) == .accepted } }
        case "pull":
            add(try PullSocket(on: reactor, in: context, options: options) { self.take($1, $0) })
        case "pub":
            let socket = add(try PubSocket(on: reactor, in: context, options: options))
            return { self.generate { try! socket.send($0) == .accepted } }
        case "sub":
            try add(try SubSocket(on: reactor, in: context, options: options) { self.take($1, $0) }).subscribe(to: "")
        case "dealer":
            let socket = add(try DealerSocket(on: reactor, in: context, options: options) { self.take($1, $0) })
            return { self.generate { try! socket.send($0) == .accepted } }
        case "pair":
            let socket = add(try PairSocket(on: reactor, in: context, options: options) { self.take($1, $0) })
            return { self.generate { try! socket.send($0) == .accepted } }
        case "router":
            add(
                try RouterSocket(on: reactor, in: context, options: options) { socket, message in
                    self.ledger[.received] += 1
                    _ = try! socket.send(message)
                    self.rest(socket)
                }
            )
        case "rep":
            add(
                try RepSocket(on: reactor, in: context, options: options) { _, request, reply in
                    self.ledger[.received] += 1
                    reply.send(request)
                }
            )
        case "req":
            let socket = add(try ReqSocket(on: reactor, in: context, options: options))
            return { self.ask(socket) }
        case "proxy":
            let frontend = add(try XSubSocket(on: reactor, in: context, options: options))
            let backend = add(try XPubSocket(on: reactor, in: context, options: options))
            try Proxy(frontend: frontend, backend: backend)
        case "stream-server":
            add(try StreamSocket(on: reactor, in: context, options: options) { self.echo($1, on: $0) })
        case "stream-client":
            let socket = add(try StreamSocket(on: reactor, in: context, options: options) { self.takeRaw($1) })
            return {
                self.generate { [settings = self.settings] message in
                    guard let id = socket.routingID(of: settings.connects[0]), socket.peerCount > 0 else {
                        return false
                    }
                    return try! socket.send(RawStream.record(message), to: id) == .accepted
                }
            }
        default: return try openOneFrame(in: context)
        }
        return {}
    }

    /// The same for the types whose messages have one frame. Some of them send with their handle.
    private func openOneFrame(in context: Context) throws -> () -> Void {
        let options = settings.options
        switch settings.type {
        case "client":
            let handle = add(try ClientSocket(on: reactor, in: context, options: options) { self.take($1, $0) }).handle
            return { self.generate(inOneFrame: true) { try! handle.send($0) == .accepted } }
        case "server":
            add(try ServerSocket(on: reactor, in: context, options: options) { self.returned($1, by: $0) })
        case "peer-client":
            let socket = add(
                try PeerSocket(on: reactor, in: context, options: options) { self.take($1.dropFirst()!, $0) }
            )
            return { self.generate(inOneFrame: true) { try! socket.send($0, to: self.peer) == .accepted } }
        case "peer-server":
            add(try PeerSocket(on: reactor, in: context, options: options) { self.returned($1, by: $0) })
        case "scatter":
            let handle = add(try ScatterSocket(on: reactor, in: context, options: options)).handle
            return { self.generate(inOneFrame: true) { try! handle.send($0) == .accepted } }
        case "gather":
            add(try GatherSocket(on: reactor, in: context, options: options) { self.take($1, $0) })
        case "channel":
            let socket = add(try ChannelSocket(on: reactor, in: context, options: options) { self.take($1, $0) })
            return { self.generate(inOneFrame: true) { try! socket.send($0) == .accepted } }
        case "radio":
            let socket = add(try RadioSocket(on: reactor, in: context, options: options))
            return { self.generate(inOneFrame: true) { try! socket.send($0, to: "soak") == .accepted } }
        case "dish":
            let socket = try DishSocket(on: reactor, in: context, options: options) { self.take($1.dropFirst()!, $0) }
            try add(socket).join("soak")
        default: throw Settings.Invalid("unknown type \(settings.type)")
        }
        return {}
    }

    @discardableResult
    private func add<S: Socket>(_ socket: S) -> S {
        sockets.append(socket)
        return socket
    }

    // MARK: Sending

    private func generate(inOneFrame: Bool = false, _ send: @escaping (Message) -> Bool) {
        let perTick = Double(settings.rate) / 100
        generator = reactor.every(Self.tick) { [unowned self] _ in
            // Messages that could not be sent are not made up for: a full socket must not be flooded.
            due = min(due + perTick, perTick * 2 + 1)
            while due >= 1, next < Book.limit {
                let stamp = Payload.Stamp(sender: settings.sender, number: next)
                ledger[.accepted] = UInt64(next) + 1
                guard send(Payload.message(stamp, inOneFrame: inOneFrame)) else {
                    ledger[.accepted] = UInt64(next)
                    ledger[.refused] += 1
                    return
                }
                next += 1
                due -= 1
            }
        }
    }

    /// Sends one request after another; the reply is the request.
    private func ask(_ socket: ReqSocket, after delay: Duration = .zero) {
        generator = reactor.after(delay) { [unowned self] _ in
            guard next < Book.limit, !socket.isClosed else { return }
            let stamp = Payload.Stamp(sender: settings.sender, number: next)
            ledger[.accepted] = UInt64(next) + 1
            let result = try! socket.request(Payload.message(stamp), timeout: .seconds(2), retries: 5) {
                [unowned self] result in
                if case .success(let reply) = result { take(reply, nil) } else { ledger[.failed] += 1 }
                if generator != nil { ask(socket, after: .milliseconds(1000 / settings.rate)) }
            }
            guard result == .accepted else {
                ledger[.accepted] = UInt64(next)
                ledger[.refused] += 1
                return ask(socket, after: Self.tick)
            }
            next += 1
        }
    }

    // MARK: Receiving

    private func take(_ message: Message, _ socket: (any ReceivingSocket)?) {
        book.enter(Payload.stamp(message))
        if let socket { rest(socket) }
    }

    /// A slow reader pauses now and then.
    private func rest(_ socket: any ReceivingSocket) {
        guard settings.breaks > 0 else { return }
        sinceBreak += 1
        guard sinceBreak == 200 else { return }
        sinceBreak = 0
        socket.pause()
        reactor.after(.milliseconds(settings.breaks)) { _ in if !socket.isClosed { socket.resume() } }
    }

    /// Returns a message to the peer that it has come from, which may be gone or full.
    private func returned(_ message: Message, by socket: any AddressingSocket & ReceivingSocket) {
        ledger[.received] += 1
        if (try? socket.send(message)) != .accepted { notReturned += 1 }
        rest(socket)
    }

    /// Echoes raw bytes; bytes that a full peer does not accept wait, and so does everything else.
    private func echo(_ message: Message, on socket: StreamSocket) {
        guard !message[1].isEmpty else { return }
        ledger[.received] += 1
        offer(message, on: socket)
    }

    private func offer(_ message: Message, on socket: StreamSocket) {
        guard !socket.isClosed else { return }
        guard try! socket.send(message) == .wouldBlock else { return socket.resume() }
        socket.pause()
        reactor.after(.milliseconds(1)) { [unowned self] _ in offer(message, on: socket) }
    }

    private func takeRaw(_ message: Message) {
        guard !message[1].isEmpty else { return raw.restart() }
        raw.take(message[1]) { book.enter($0) }
    }

    // MARK: Closing

    func stopGenerating() {
        generator?.cancel()
        generator = nil
    }

    func close() {
        stopGenerating()
        var open = sockets.count
        for socket in sockets {
            socket.close { [self] report in
                ledger[.unsent] += UInt64(report.unsentMessages)
                ledger[.dropped] = dropped
                open -= 1
                if open == 0 { ledger[.finished] = 1 }
            }
        }
    }
}
