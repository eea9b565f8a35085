import Testing
import ZMQReactorTestSupport

/// Each type against its counterpart in libzmq.
@Suite(.hangLimit)
struct LibzmqTests {
    @Test func push() throws {
        let peer = try LibzmqPeer(.pull)
        let cat = try Cat("push", "--connect", try peer.bind(), "--hex")
        try cat.input("61 - 62\n-\n")
        #expect(try peer.receive(count: 2) == [[[0x61], [], [0x62]], [[]]])
        try cat.output()
    }

    @Test func pull() throws {
        let (cat, endpoint) = try Cat.bound("pull", "--count", "2")
        let peer = try LibzmqPeer(.push)
        try peer.connect(endpoint)
        try peer.send("a", "", [0xFF])
        try peer.send("é")
        #expect(try cat.output() == "a\t\t\\xff\né\n")
    }

    @Test func pub() throws {
        let peer = try LibzmqPeer(.sub, [.subscribe("a")])
        let cat = try Cat("pub", "--connect", try peer.bind(), "--events")
        let reply = try peer.receiving()
        try waitUntil("the subscriber to receive") {
            try cat.process.write("b\na\n")
            return reply.isReady
        }
        #expect(try reply.value() == [[0x61]])
    }

    @Test func sub() throws {
        let peer = try LibzmqPeer(.xpub)
        let cat = try Cat("sub", "--connect", try peer.bind(), "--subscribe", "", "--count", "1")
        #expect(try peer.receive() == [[1]])
        try peer.send("topic", "body")
        #expect(try cat.output() == "topic\tbody\n")
    }

    @Test func xpub() throws {
        let (cat, endpoint) = try Cat.bound("xpub")
        let peer = try LibzmqPeer(.sub, [.subscribe("tea")])
        try peer.connect(endpoint)
        #expect(try cat.process.nextLine() == "\\x01tea")
        try cat.process.write("coffee\ntea time\n")
        #expect(try peer.receiveText() == ["tea time"])
    }

    @Test func xsub() throws {
        let peer = try LibzmqPeer(.xpub)
        let cat = try Cat("xsub", "--connect", try peer.bind(), "--hex", "--count", "1")
        try cat.process.write("0161\n")
        #expect(try peer.receive() == [[1, 0x61]])
        try peer.send("ab")
        #expect(try cat.output() == "6162\n")
    }

    @Test func req() throws {
        let peer = try LibzmqPeer(.rep)
        let cat = try Cat("req", "--connect", try peer.bind())
        try cat.input("one\ntwo\n")
        for word in ["one", "two"] {
            #expect(try peer.receiveText() == [word])
            try peer.send(.text(word), "!")
        }
        #expect(try cat.output() == "one\t!\ntwo\t!\n")
    }

    @Test func rep() throws {
        let (cat, endpoint) = try Cat.bound("rep", "--count", "1")
        let peer = try LibzmqPeer(.req)
        try peer.connect(endpoint)
        try cat.process.write("world\n")
        try peer.send("hello")
        #expect(try peer.receiveText() == ["world"])
        #expect(try cat.output() == "hello\n")
    }

    @Test func dealer() throws {
        let peer = try LibzmqPeer(.router)
        let cat = try Cat("dealer", "--connect", try peer.bind(), "--option", "routing-id=me", "--count", "1")
        try cat.process.write("hello\n")
        #expect(try peer.receiveText() == ["me", "hello"])
        try peer.send("me", "you", "too")
        #expect(try cat.output() == "you\ttoo\n")
    }

    @Test func router() throws {
        let (cat, endpoint) = try Cat.bound("router", "--hex", "--count", "1")
        let peer = try LibzmqPeer(.dealer, [.routingID("me")])
        try peer.connect(endpoint)
        try cat.process.write("6d65 01\n")
        try peer.send("hello")
        #expect(try cat.output() == "6d65 68656c6c6f\n")
    }

    @Test func pair() throws {
        let peer = try LibzmqPeer(.pair)
        let cat = try Cat("pair", "--connect", try peer.bind(), "--count", "1")
        try cat.process.write("there\n")
        #expect(try peer.receiveText() == ["there"])
        try peer.send("and", "back")
        #expect(try cat.output() == "and\tback\n")
    }

    @Test func stream() throws {
        let (cat, endpoint) = try Cat.bound("stream", "--hex", "--echo")
        let peer = try LibzmqPeer(.stream)
        try peer.connect(endpoint)
        let id = try peer.receive()[0]
        try peer.send(.bytes(id), "ping")
        #expect(try peer.receive() == [id, Array("ping".utf8)])
        // The echo may arrive before the line.
        try cat.process.expectOutput(" 70696e67\n")
    }
}
