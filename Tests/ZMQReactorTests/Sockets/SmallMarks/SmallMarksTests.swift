import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Every pattern with room for one message, or for fewer bytes than one message: messages that must not be lost arrive,
/// in order, and nothing hangs.
@Suite(.hangLimit)
struct SmallMarksTests {
    private static let count = 60
    private static let texts = (0..<count).map { "message number \($0)" }
    private static let messages = texts.map { Message($0) }

    /// A REP that echoes requests.
    private static let echo: MarksCase.Server = { side in
        let rep = try RepSocket(on: side.reactor, in: side.context, options: side.options) { $2.send($1) }
        return try rep.bind(side.endpoint)
    }

    /// A ROUTER that echoes everything.
    private static let returning: MarksCase.Server = { side in
        let waiting = WaitingMessages()
        let router = try RouterSocket(on: side.reactor, in: side.context, options: side.options, handler: waiting)
        router.isMandatory = true
        waiting.send = { [unowned router] in try router.send($0) }
        waiting.received = { [unowned waiting] in waiting.add($0) }
        return try router.bind(side.endpoint)
    }

    /// Sends one request after another.
    private func ask(_ side: MarksSide, _ endpoint: String) throws {
        let req = try ReqSocket(on: side.reactor, in: side.context, options: side.options)
        try req.connect(endpoint)
        let inbox = Recorder()
        func ask() throws {
            guard inbox.count < Self.count else { return }
            let result = try req.request(Self.messages[inbox.count], timeout: .seconds(10)) { result in
                if let reply = try? result.get() {
                    inbox.add(reply)
                    try? ask()
                }
            }
            #expect(result == .accepted)
        }
        try ask()
        try side.wait("\(Self.count) replies") { inbox.count == Self.count || !req.isWaiting }
        #expect(inbox.texts == Self.texts)
    }

    /// Sends one request after another without callbacks, so that taken messages are reported at another time.
    private func askWithoutHandler(_ side: MarksSide, _ endpoint: String) throws {
        let req = try ReqSocket(on: side.reactor, in: side.context, options: side.options)
        try req.connect(endpoint)
        for message in Self.messages {
            try side.wait("room") { try req.send(message) == .accepted }
            var reply: Message?
            try side.wait("a reply") {
                reply = try req.tryReceive()
                return reply != nil
            }
            #expect(reply == message)
        }
    }

    @Test("REP-8, REP-10, HWM-08: in lockstep REP drops no reply", arguments: MarksCase.all())
    func requests(marks: MarksCase) throws {
        try marks.run(Self.echo) { try ask($0, $1) }
        try marks.run(Self.echo) { try askWithoutHandler($0, $1) }
    }

    @Test("RTR-12: REQ and ROUTER in lockstep", arguments: MarksCase.all())
    func requestsToRouter(marks: MarksCase) throws {
        try marks.run(Self.returning) { try ask($0, $1) }
    }

    @Test(
        "DLR-11, RTR-12: DEALER and ROUTER, with as many messages under way as there is room for",
        arguments: MarksCase.all()
    )
    func dealerAndRouter(marks: MarksCase) throws {
        try marks.run(Self.returning) { side, endpoint in
            let waiting = WaitingMessages(Self.messages)
            let dealer = try DealerSocket(
                on: side.reactor,
                in: side.context,
                options: side.options,
                handler: waiting
            )
            let inbox = Recorder()
            waiting.send = { [unowned dealer] in try dealer.send($0) }
            waiting.received = { inbox.add($0) }
            try dealer.connect(endpoint)
            waiting.drain()
            try side.wait("what comes back") { inbox.count == Self.count }
            #expect(inbox.texts == Self.texts)
        }
    }

    @Test("REP-10, DLR-11: DEALER and REP in lockstep", arguments: MarksCase.all())
    func dealerAndRep(marks: MarksCase) throws {
        try marks.run(Self.echo) { side, endpoint in
            let dealer = try DealerSocket(on: side.reactor, in: side.context, options: side.options)
            try dealer.connect(endpoint)
            for text in Self.texts {
                try side.wait("room") { try dealer.send(["", Frame(text)]) == .accepted }
                var reply: Message?
                try side.wait("a reply") {
                    reply = try dealer.tryReceive()
                    return reply != nil
                }
                #expect(reply == ["", Frame(text)])
            }
        }
    }

    @Test("PUB-10: PUB drops nothing when each message is received before the next is sent", arguments: MarksCase.all())
    func pacedPublisher(marks: MarksCase) throws {
        let server: MarksCase.Server = { side in
            let pub = try PubSocket(on: side.reactor, in: side.context, options: side.options)
            // The pace arrives the same way, so that it cannot overtake the progress reports.
            let pace = try PullSocket(on: side.reactor, in: side.context) { _, number in
                _ = try? pub.send(Self.messages[Int(number[0].string)!])
            }
            pub.waitForSubscribers { _ in _ = try? pub.send(Self.messages[0]) }
            let endpoint = try pub.bind(side.endpoint)
            let second = try pace.bind(Road.of(endpoint).endpoint)
            return "\(endpoint) \(second)"
        }
        try marks.run(server) { side, endpoints in
            let ends = endpoints.split(separator: " ").map(String.init)
            let push = try PushSocket(on: side.reactor, in: side.context)
            try push.connect(ends[1])
            let inbox = Recorder()
            let sub = try SubSocket(on: side.reactor, in: side.context, options: side.options) { _, message in
                inbox.add(message)
                if inbox.count < Self.count { _ = try? push.send("\(inbox.count)") }
            }
            try sub.subscribe(to: "")
            try sub.connect(ends[0])
            try side.wait("all messages") { inbox.count == Self.count }
            #expect(inbox.texts == Self.texts)
        }
    }

    @Test("XPB-2, XSB-1: XPUB that blocks when full, and XSUB", arguments: MarksCase.all())
    func blockingPublisher(marks: MarksCase) throws {
        let server: MarksCase.Server = { side in
            let waiting = WaitingMessages(Self.messages)
            let xpub = try XPubSocket(on: side.reactor, in: side.context, options: side.options, handler: waiting)
            xpub.blocksWhenFull = true
            waiting.send = { [unowned xpub] in xpub.subscriberCount > 0 ? try xpub.send($0) : .wouldBlock }
            return try xpub.bind(side.endpoint)
        }
        try marks.run(server) { side, endpoint in
            let inbox = Recorder()
            let xsub = try XSubSocket(on: side.reactor, in: side.context, options: side.options) { inbox.add($1) }
            try xsub.subscribe(to: "")
            try xsub.connect(endpoint)
            try side.wait("all messages") { inbox.count == Self.count }
            #expect(inbox.texts == Self.texts)
        }
    }

    @Test("PSH-11, PLL-8: PUSH and PULL, either side binding", arguments: MarksCase.all())
    func pipeline(marks: MarksCase) throws {
        let pushing: MarksCase.Server = { side in
            let waiting = WaitingMessages(Self.messages)
            let push = try PushSocket(on: side.reactor, in: side.context, options: side.options, handler: waiting)
            waiting.send = { [unowned push] in try push.send($0) }
            waiting.drain()
            return try push.bind(side.endpoint)
        }
        try marks.run(pushing) { side, endpoint in
            let inbox = Recorder()
            let pull = try PullSocket(on: side.reactor, in: side.context, options: side.options) { inbox.add($1) }
            try pull.connect(endpoint)
            try side.wait("all messages") { inbox.count == Self.count }
            #expect(inbox.texts == Self.texts)
        }
        // The PULL, which has no handler, is bound on the test's side.
        let inbox = Recorder()
        let context = Context(ioThreads: marks.ioThreads)
        let reactor = try Reactor()
        defer { reactor.closeSockets() }
        let side = MarksSide(reactor, context, marks.options, marks.road.endpoint)
        let pull = try PullSocket(on: side.reactor, in: context, options: marks.options)
        let endpoint = try pull.bind(side.endpoint)
        let waiting = WaitingMessages(Self.messages)
        let push = try PushSocket(on: side.reactor, in: context, options: marks.options, handler: waiting)
        waiting.send = { [unowned push] in try push.send($0) }
        try push.connect(endpoint)
        waiting.drain()
        try side.wait("all messages") {
            if let message = try pull.tryReceive() { inbox.add(message) }
            return inbox.count == Self.count
        }
        #expect(inbox.texts == Self.texts)
    }

    @Test("PAR-10: PAIR and PAIR, both ways", arguments: MarksCase.all())
    func pairs(marks: MarksCase) throws {
        let server: MarksCase.Server = { side in
            let waiting = WaitingMessages()
            let pair = try PairSocket(on: side.reactor, in: side.context, options: side.options, handler: waiting)
            waiting.send = { [unowned pair] in try pair.send($0) }
            waiting.received = { [unowned waiting] in waiting.add($0) }
            return try pair.bind(side.endpoint)
        }
        try marks.run(server) { side, endpoint in
            let waiting = WaitingMessages(Self.messages)
            let pair = try PairSocket(on: side.reactor, in: side.context, options: side.options, handler: waiting)
            let inbox = Recorder()
            waiting.send = { [unowned pair] in try pair.send($0) }
            waiting.received = { inbox.add($0) }
            try pair.connect(endpoint)
            waiting.drain()
            try side.wait("what comes back") { inbox.count == Self.count }
            #expect(inbox.texts == Self.texts)
        }
    }

    @Test("STREAM returns every byte", arguments: MarksCase.all([.tcp, .ipc]))
    func streams(marks: MarksCase) throws {
        let server: MarksCase.Server = { side in
            let echo = StreamEcho()
            let stream = try StreamSocket(on: side.reactor, in: side.context, options: side.options, handler: echo)
            side.keep(echo)
            return try stream.bind(side.endpoint)
        }
        try marks.run(server) { side, endpoint in
            let collecting = StreamEcho(Self.texts)
            let stream = try StreamSocket(
                on: side.reactor,
                in: side.context,
                options: side.options,
                handler: collecting
            )
            try stream.connect(endpoint)
            let all = Self.texts.joined()
            try side.wait("all bytes") { collecting.received.count == all.utf8.count }
            #expect(String(decoding: collecting.received, as: UTF8.self) == all)
        }
    }

    @Test("DLR-11: a queue between REQ and REP", arguments: MarksCase.all())
    func queueDevice(marks: MarksCase) throws {
        let server: MarksCase.Server = { side in
            let (reactor, context, options) = (side.reactor, side.context, side.options)
            let clients = try RouterSocket(on: reactor, in: context, options: options)
            clients.isMandatory = true
            let workers = try DealerSocket(on: reactor, in: context, options: options)
            let inner = try workers.bind(Road.of(side.endpoint).endpoint)
            try Proxy(frontend: clients, backend: workers)
            let rep = try RepSocket(on: reactor, in: context, options: options) { $2.send($1) }
            try rep.connect(inner)
            return try clients.bind(side.endpoint)
        }
        try marks.run(server) { try ask($0, $1) }
    }

    @Test("PSH-11: a streamer between PUSH and PULL, and a bridge of PAIRs", arguments: MarksCase.all())
    func streamerDevice(marks: MarksCase) throws {
        let server: MarksCase.Server = { side in
            let (reactor, context, options) = (side.reactor, side.context, side.options)
            let source = try PullSocket(on: reactor, in: context, options: options)
            let sink = try PushSocket(on: reactor, in: context, options: options)
            try Proxy(frontend: source, backend: sink)
            let waiting = WaitingMessages(Self.messages)
            let push = try PushSocket(on: reactor, in: context, options: options, handler: waiting)
            waiting.send = { [unowned push] in try push.send($0) }
            try push.connect(source.bind(Road.of(side.endpoint).endpoint))
            waiting.drain()
            return try sink.bind(side.endpoint)
        }
        try marks.run(server) { side, endpoint in
            let inbox = Recorder()
            let pull = try PullSocket(on: side.reactor, in: side.context, options: side.options) { inbox.add($1) }
            try pull.connect(endpoint)
            try side.wait("all messages") { inbox.count == Self.count }
            #expect(inbox.texts == Self.texts)
        }
    }

    @Test("XPB-2: a forwarder whose XPUBs block when full", arguments: MarksCase.all())
    func forwarderDevice(marks: MarksCase) throws {
        let server: MarksCase.Server = { side in
            let (reactor, context, options) = (side.reactor, side.context, side.options)
            let waiting = WaitingMessages(Self.messages)
            let source = try XPubSocket(on: reactor, in: context, options: options, handler: waiting)
            source.blocksWhenFull = true
            waiting.send = { [unowned source] in source.subscriberCount > 0 ? try source.send($0) : .wouldBlock }
            let publishers = try XSubSocket(on: reactor, in: context, options: options)
            let subscribers = try XPubSocket(on: reactor, in: context, options: options)
            subscribers.blocksWhenFull = true
            try Proxy(frontend: publishers, backend: subscribers)
            try publishers.connect(source.bind(Road.of(side.endpoint).endpoint))
            return try subscribers.bind(side.endpoint)
        }
        try marks.run(server) { side, endpoint in
            let inbox = Recorder()
            let sub = try SubSocket(on: side.reactor, in: side.context, options: side.options) { inbox.add($1) }
            try sub.subscribe(to: "")
            try sub.connect(endpoint)
            try side.wait("all messages") { inbox.count == Self.count }
            #expect(inbox.texts == Self.texts)
        }
    }
}

/// Echoes what it receives; or sends texts and collects what comes back.
private final class StreamEcho: StreamHandler {
    private var texts: ArraySlice<String>?
    private var waiting: [(Frame, Message)] = []
    private(set) var received: [UInt8] = []

    init(_ texts: [String]? = nil) { self.texts = texts.map { $0[...] } }

    func socket(_ socket: StreamSocket, received message: Message) {
        let (id, bytes) = (message[0], message[1])
        if texts != nil {
            received += bytes
            texts?.forEach { waiting.append((id, Message(frames: [id, Frame($0)]))) }
            texts = []
        } else if !bytes.isEmpty {
            waiting.append((id, message))
        }
        drain(socket)
    }

    func socketIsWritable(_ socket: StreamSocket, for routingID: Frame) { drain(socket) }

    private func drain(_ socket: StreamSocket) {
        while let first = waiting.first, (try? socket.send(first.1)) == .accepted { waiting.removeFirst() }
    }
}
