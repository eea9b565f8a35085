import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// As `SmallMarksTests`, with the types whose messages have one frame.
@Suite(.hangLimit)
struct OneFrameMarksTests {
    private static let count = 60
    private static let texts = (0..<count).map { "message number \($0)" }
    private static let messages = texts.map { Message($0) }

    /// Sends with a socket, made with this handler, as soon as there is room.
    private static func sender<S: HandledSocket & SendingSocket>(
        _ type: S.Type,
        _ side: MarksSide,
        _ messages: [Message] = messages,
        _ convert: (WaitingMessages) -> S.Handler
    ) throws -> (S, WaitingMessages) {
        let waiting = WaitingMessages(messages)
        let socket = try S(on: side.reactor, in: side.context, options: side.options, handler: convert(waiting))
        waiting.send = { [unowned socket] in try socket.send($0) }
        return (socket, waiting)
    }

    /// Returns everything that arrives at a SERVER or PEER.
    private static let returning: [@Sendable (MarksSide) throws -> String] = [
        { side in
            let (server, waiting) = try sender(ServerSocket.self, side, []) { $0 }
            waiting.received = { [unowned waiting] in waiting.add($0) }
            return try server.bind(side.endpoint)
        },
        { side in
            let (peer, waiting) = try sender(PeerSocket.self, side, []) { $0 }
            waiting.received = { [unowned waiting] in waiting.add($0) }
            return try peer.bind(side.endpoint)
        },
    ]

    @Test(
        "SRV-7, CLI-5: CLIENT and SERVER, with as many messages under way as there is room for",
        arguments: MarksCase.all()
    )
    func clientAndServer(marks: MarksCase) throws {
        try marks.run(Self.returning[0]) { side, endpoint in
            let (client, waiting) = try Self.sender(ClientSocket.self, side) { $0 }
            let inbox = Recorder()
            waiting.received = { inbox.add($0) }
            try client.connect(endpoint)
            waiting.drain()
            try side.wait("what comes back") { inbox.count == Self.count }
            #expect(inbox.texts == Self.texts)
        }
    }

    @Test("PER-3: PEER and PEER, both ways", arguments: MarksCase.all())
    func peers(marks: MarksCase) throws {
        try marks.run(Self.returning[1]) { side, endpoint in
            let (peer, waiting) = try Self.sender(PeerSocket.self, side, []) { $0 }
            let inbox = Recorder()
            waiting.received = { inbox.add($0.last.string) }
            let id = try peer.connectPeer(endpoint)
            for text in Self.texts { waiting.add([id, Frame(text)]) }
            try side.wait("what comes back") { inbox.count == Self.count }
            #expect(inbox.texts == Self.texts)
        }
    }

    @Test("CHN-2: CHANNEL and CHANNEL, both ways", arguments: MarksCase.all())
    func channels(marks: MarksCase) throws {
        let server: MarksCase.Server = { side in
            let (channel, waiting) = try Self.sender(ChannelSocket.self, side, []) { $0 }
            waiting.received = { [unowned waiting] in waiting.add($0) }
            return try channel.bind(side.endpoint)
        }
        try marks.run(server) { side, endpoint in
            let (channel, waiting) = try Self.sender(ChannelSocket.self, side) { $0 }
            let inbox = Recorder()
            waiting.received = { inbox.add($0) }
            try channel.connect(endpoint)
            waiting.drain()
            try side.wait("what comes back") { inbox.count == Self.count }
            #expect(inbox.texts == Self.texts)
        }
    }

    @Test("SCT-1: SCATTER and GATHER", arguments: MarksCase.all())
    func scatter(marks: MarksCase) throws {
        let server: MarksCase.Server = { side in
            let (scatter, waiting) = try Self.sender(ScatterSocket.self, side) { $0 }
            waiting.drain()
            return try scatter.bind(side.endpoint)
        }
        try marks.run(server) { side, endpoint in
            let inbox = Recorder()
            let gather = try GatherSocket(on: side.reactor, in: side.context, options: side.options) { inbox.add($1) }
            try gather.connect(endpoint)
            try side.wait("all messages") { inbox.count == Self.count }
            #expect(inbox.texts == Self.texts)
        }
    }

    @Test("TS-5: a handle, with room for one message or less", arguments: MarksCase.all())
    func handle(marks: MarksCase) throws {
        let server: MarksCase.Server = { side in
            let scatter = try ScatterSocket(on: side.reactor, in: side.context, options: side.options)
            let handle = scatter.handle
            side.reactor.task { _ in for message in Self.messages { try await handle.sendWhenReady(message) } }
            return try scatter.bind(side.endpoint)
        }
        try marks.run(server) { side, endpoint in
            let inbox = Recorder()
            let gather = try GatherSocket(on: side.reactor, in: side.context, options: side.options) { inbox.add($1) }
            try gather.connect(endpoint)
            try side.wait("all messages") { inbox.count == Self.count }
            #expect(inbox.texts == Self.texts)
        }
    }

    @Test(
        "RAD-5: RADIO drops nothing when each message is received before the next is sent",
        arguments: MarksCase.all()
    )
    func pacedRadio(marks: MarksCase) throws {
        let server: MarksCase.Server = { side in
            let radio = try RadioSocket(on: side.reactor, in: side.context, options: side.options)
            // The pace arrives the same way, so that it cannot overtake the progress reports.
            let pace = try GatherSocket(on: side.reactor, in: side.context) { _, number in
                _ = try? radio.send(Self.messages[Int(number[0].string)!], to: "g")
            }
            radio.waitForMembers { _ in _ = try? radio.send(Self.messages[0], to: "g") }
            let endpoint = try radio.bind(side.endpoint)
            return "\(endpoint) \(try pace.bind(Road.of(endpoint).endpoint))"
        }
        try marks.run(server) { side, endpoints in
            let ends = endpoints.split(separator: " ").map(String.init)
            let scatter = try ScatterSocket(on: side.reactor, in: side.context)
            try scatter.connect(ends[1])
            let inbox = Recorder()
            let dish = try DishSocket(on: side.reactor, in: side.context, options: side.options) { _, message in
                inbox.add(message.last.string)
                if inbox.count < Self.count { _ = try? scatter.send("\(inbox.count)") }
            }
            try dish.join("g")
            try dish.connect(ends[0])
            try side.wait("all messages") { inbox.count == Self.count }
            #expect(inbox.texts == Self.texts)
        }
    }
}
