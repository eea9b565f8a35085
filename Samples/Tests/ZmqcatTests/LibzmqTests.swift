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

    @Test("--wait-for-peers: a pub waits until its peers have subscribed, a push until they have connected")
    func waitForPeers() throws {
        let (pub, endpoint) = try Cat.bound("pub", "--wait-for-peers", "2")
        try pub.input("1\n2\n")
        let subs = [try LibzmqPeer(.sub), try LibzmqPeer(.sub)]
        for sub in subs { try sub.connect(endpoint) }
        for sub in subs { try sub.set(.subscribe("")) }
        for sub in subs { #expect(try sub.receive(count: 2) == [[[0x31]], [[0x32]]]) }
        try pub.output()

        let (push, address) = try Cat.bound("push", "--wait-for-peers", "2", "--events")
        try push.process.write("1\n2\n")
        let pulls = [try LibzmqPeer(.pull), try LibzmqPeer(.pull)]
        try pulls[0].connect(address)
        try push.process.expectOutput("event handshake-succeeded", on: .error)
        try pulls[0].expectNothing()
        try pulls[1].connect(address)
        for pull in pulls { #expect(try pull.receive().count == 1) }
    }

    @Test("--io-threads: connections of threads, in both directions")
    func ioThreads() throws {
        let peer = try LibzmqPeer(.rep)
        let cat = try Cat("req", "--connect", try peer.bind(), "--io-threads", "2")
        try cat.input("one\n")
        #expect(try peer.receiveText() == ["one"])
        try peer.send("two")
        #expect(try cat.output() == "two\n")
    }

    @Test("text of several frames and bytes passes unchanged, line by line, through two of them")
    func identity() throws {
        let text = "a\tb\n\\x00\\xff\\\\\t\n\né\n\t\n"
        let (pull, endpoint) = try Cat.bound("pull", "--count", "5")
        let push = try Cat("push", "--connect", endpoint)
        try push.input(text)
        #expect(try pull.output() == text)
        let peer = try LibzmqPeer(.pull)
        let other = try Cat("push", "--connect", try peer.bind())
        try other.input(text)
        let messages: [[[UInt8]]] = [[[0x61], [0x62]], [[0, 0xFF, 0x5C], []], [[]], [[0xC3, 0xA9]], [[], []]]
        #expect(try peer.receive(count: 5) == messages)
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
