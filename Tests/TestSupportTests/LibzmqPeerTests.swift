import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

struct LibzmqPeerTests {
    private func pair(_ one: PeerSocketType, _ other: PeerSocketType) throws -> (LibzmqPeer, LibzmqPeer) {
        let bound = try LibzmqPeer(one)
        let connected = try LibzmqPeer(other)
        try connected.connect(bound.bind())
        return (bound, connected)
    }

    @Test(arguments: ["tcp://127.0.0.1:*", Unique.ipcEndpoint(), Unique.abstractEndpoint()])
    func messagesArriveOnEveryTransport(endpoint: String) throws {
        let pull = try LibzmqPeer(.pull)
        let push = try LibzmqPeer(.push)
        try push.connect(pull.bind(endpoint))
        defer { unlink(String(endpoint.dropFirst("ipc://".count))) }
        try push.send("hello", "", [0, 255])
        #expect(try pull.receive() == [Array("hello".utf8), [], [0, 255]])
        try push.send("again", count: 3)
        #expect(try pull.receive(count: 2).count == 2)
        #expect(try pull.receiveText() == ["again"])
        try pull.expectNothing(for: .milliseconds(20))
    }

    @Test func largeMessagesAreComparedInPlace() throws {
        let (pull, push) = try pair(.pull, .push)
        try push.send(.pattern(size: 8 << 20, seed: 3), "tail")
        try pull.expect(.pattern(size: 8 << 20, seed: 3), "tail")
    }

    @Test func patternsAreTheSameOnBothSides() throws {
        let (pull, push) = try pair(.pull, .push)
        try push.send(.pattern(size: 100_000, seed: 12))
        #expect(try pull.receive() == [Pattern.bytes(100_000, seed: 12)])
    }

    @Test func unexpectedMessagesAreShown() throws {
        let (pull, push) = try pair(.pull, .push)
        try push.send("apples")
        let failure = #expect(throws: PeerFailure.self) { try pull.expect("pears") }
        #expect(failure?.description.contains("apples") == true)
        #expect(failure?.description.contains("pears") == true)
    }

    @Test func aTimeoutShowsTheOutput() throws {
        let (pull, push) = try pair(.pull, .push)
        try push.send("one")
        try pull.expect("one")
        try push.send("two")
        let failure = #expect(throws: PeerFailure.self) { try pull.receive(count: 2, within: .milliseconds(300)) }
        #expect(failure?.description.contains("1 of 2 received") == true)
        #expect(failure?.description.contains("two") == true)
    }

    @Test func refusalsCarryTheErrorsName() throws {
        let pull = try LibzmqPeer(.pull)
        #expect(#expect(throws: PeerFailure.self) { try pull.bind("nonsense") }?.errno == "EINVAL")
        let request = try LibzmqPeer(.req)
        #expect(#expect(throws: PeerFailure.self) { try request.receive() }?.errno == "EFSM")
    }

    @Test func optionsAreSetAndRead() throws {
        let push = try LibzmqPeer(.push, [.sendHighWaterMark(7), .linger(20)])
        #expect(try push.get("SNDHWM") == 7)
        #expect(try push.get("LINGER") == 20)
        try push.set(.integer("SNDTIMEO", 3))
        #expect(try push.get("SNDTIMEO") == 3)
    }

    @Test func fillsUpToTheHighWaterMark() throws {
        let push = try LibzmqPeer(.push, [.sendHighWaterMark(5)])
        try push.connect(freeEndpoint())
        #expect(try push.fill(with: "x", limit: 100) == 5)
    }

    @Test func numberedMessagesAreVerified() throws {
        let (pull, push) = try pair(.pull, .push)
        let sent = try push.flooding(20_000, size: 64, stream: 2)
        #expect(try pull.verify(20_000, size: 64) == [2: 20_000])
        try sent.value()
        try push.flooding(1, stream: 2, first: 5).value()
        let failure = #expect(throws: PeerFailure.self) { try pull.verify(1) }
        #expect(failure?.description.contains("stream 2 has 5 where 0 was due") == true)
    }

    @Test func countsUpToALastMessage() throws {
        let (pull, push) = try pair(.pull, .push)
        try push.send("Rhubarb", count: 1_000)
        try push.send("END")
        #expect(try pull.counting(until: ["END"]).value() == 1_000)
    }

    @Test func echoesUntilStopped() throws {
        let (router, dealer) = try pair(.router, .dealer)
        let echo = try router.echoing()
        for text in ["a", "b", "c"] {
            try dealer.send(.text(text))
            #expect(try dealer.receiveText() == [text])
        }
        #expect(!echo.isReady)
        #expect(try echo.stop() == 3)
    }

    @Test func proxiesBetweenTwoSocketsOfAProcess() throws {
        let process = try PeerProcess()
        let router = try LibzmqPeer(.router, in: process)
        let dealer = try LibzmqPeer(.dealer, in: process)
        let request = try LibzmqPeer(.req)
        let reply = try LibzmqPeer(.rep)
        try request.connect(router.bind())
        try reply.connect(dealer.bind())
        let proxy = try router.proxying(to: dealer)
        let echo = try reply.echoing()
        try request.send("question")
        #expect(try request.receiveText() == ["question"])
        #expect(try proxy.stop() == 2)
        #expect(try echo.stop() == 1)
    }

    @Test func subscriptionsAndEvents() throws {
        let pub = try LibzmqPeer(.xpub)
        let sub = try LibzmqPeer(.sub, [.subscribe("a")], monitored: true)
        try sub.connect(pub.bind())
        try sub.waitForEvent("HANDSHAKE_SUCCEEDED")
        #expect(try pub.receive() == [[1, UInt8(ascii: "a")]])
        try pub.send("b")
        try pub.send("ab")
        #expect(try sub.receiveText() == ["ab"])
    }

    @Test func crashesAreReported() throws {
        let pull = try LibzmqPeer(.pull)
        let reply = try pull.receiving()
        try pull.kill()
        #expect(reply.isReady)
        let failure = #expect(throws: TestFailure.self) { try reply.value() }
        #expect(failure?.description.contains("ended before it replied to receive") == true)
    }

    @Test func reactorTurnsUntilAPeerAnswers() throws {
        let reactor = try Reactor()
        let (pull, push) = try pair(.pull, .push)
        let reply = try pull.receiving()
        reactor.after(.milliseconds(20)) { _ in try! push.send("late") }
        #expect(try reactor.run(until: reply) == [Array("late".utf8)])
    }

    @Test func manySocketsShareAProcess() throws {
        let process = try PeerProcess()
        let pull = try LibzmqPeer(.pull, in: process)
        let endpoint = try pull.bind()
        let pushes = try (0..<200).map { _ in try LibzmqPeer(.push, in: process) }
        for push in pushes {
            try push.connect(endpoint)
            try push.send("one of many")
        }
        try pull.expect("one of many", count: pushes.count)
    }

    @Test func rawStreams() throws {
        let (server, client) = try pair(.stream, .stream)
        let greeting = try server.receive()
        #expect(greeting[1].isEmpty)
        let identity = try client.receive()[0]
        try client.send(.bytes(identity), "GET / HTTP/1.0")
        #expect(try server.receive()[1] == Array("GET / HTTP/1.0".utf8))
    }
}
