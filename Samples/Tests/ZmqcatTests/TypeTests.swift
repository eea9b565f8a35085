import Testing
import ZMQReactorTestSupport

/// Each type with itself or its counterpart: two of our processes.
@Suite(.hangLimit)
struct TypeTests {
    @Test("push and pull, in both bind directions; the last line has no newline")
    func pushPull() throws {
        let (pull, endpoint) = try Cat.bound("pull", "--count", "3")
        let push = try Cat("push", "--connect", endpoint)
        try push.input("one\n\nthree")
        #expect(try pull.output() == "one\n\nthree\n")
        #expect(try push.output().isEmpty)

        let (other, place) = try Cat.bound("push", "--count", "2")
        let reader = try Cat("pull", "--connect", place, "--hex", "--count", "2")
        try other.process.write("AB\nC\nnever\n")
        #expect(try reader.output() == "4142\n43\n")
        try other.output()
    }

    @Test("several binds and connects on one socket")
    func manyEndpoints() throws {
        let pull = try Cat("pull", "--bind", "tcp://127.0.0.1:*", "--bind", "tcp://127.0.0.1:*", "--count", "2")
        try waitUntil("two endpoints") { pull.process.standardError.split(separator: "\n").count == 2 }
        for line in pull.process.standardError.split(separator: "\n") {
            let push = try Cat("push", "--connect", String(line.dropFirst("bound ".count)))
            try push.input("x\n")
            try push.output()
        }
        #expect(try pull.output() == "x\nx\n")
    }

    @Test("pub and sub: by text and by bytes; without a subscription nothing arrives")
    func pubSub() throws {
        let (pub, endpoint) = try Cat.bound("pub")
        let sub = try Cat("sub", "--connect", endpoint, "--subscribe", "a", "--subscribe-hex", "ff", "--count", "1")
        let deaf = try Cat("sub", "--connect", endpoint)
        try waitUntil("the subscriber to have enough") {
            try pub.process.write("b\na tick\n")
            return !sub.process.isRunning
        }
        #expect(try sub.output() == "a tick\n")
        #expect(deaf.process.isRunning && deaf.process.standardOutput.isEmpty)
        pub.process.closeInput()
        try pub.output()
    }

    @Test("pub: --count counts sent messages")
    func pubCount() throws {
        let (pub, _) = try Cat.bound("pub", "--count", "2")
        try pub.process.write("1\n2\n")
        try pub.output()
    }

    @Test("xpub shows subscriptions, xsub sends them")
    func xpubXsub() throws {
        let (xpub, endpoint) = try Cat.bound("xpub", "--hex", "--count", "2")
        let xsub = try Cat("xsub", "--connect", endpoint, "--hex", "--count", "1")
        try xsub.process.write("0161\n")
        try xpub.process.expectOutput("0161\n")
        try xpub.process.write("62 00\n6162 -\n")
        #expect(try xsub.output() == "6162 -\n")
        #expect(try xpub.output() == "0161\n0061\n", "a disconnecting subscriber cancels its subscriptions")
    }

    @Test("pair: lines in both directions, independently")
    func pair() throws {
        let (one, endpoint) = try Cat.bound("pair", "--count", "2")
        let other = try Cat("pair", "--connect", endpoint, "--count", "1")
        try one.process.write("hello\n")
        #expect(try other.process.nextLine() == "hello")
        try other.output()
        let third = try Cat("pair", "--connect", endpoint)
        try third.input("a\nb\n")
        #expect(try one.output() == "a\nb\n")
        third.process.interrupt()
        try third.output()
    }

    @Test("req waits for each reply, rep replies to each request with the next line")
    func reqRep() throws {
        let (rep, endpoint) = try Cat.bound("rep", "--count", "2")
        let req = try Cat("req", "--connect", endpoint)
        try req.input("one\ntwo")
        #expect(try rep.process.nextLine() == "one")
        #expect(req.process.standardOutput.isEmpty)
        try rep.process.write("eins\n")
        #expect(try req.process.nextLine() == "eins")
        #expect(try rep.process.nextLine() == "two")
        try rep.process.write("zwei\n")
        #expect(try req.output() == "eins\nzwei\n")
        try rep.output()
    }

    @Test("a rep whose input has ended continues printing requests")
    func repWithoutAnswers() throws {
        let (rep, endpoint) = try Cat.bound("rep")
        rep.process.closeInput()
        for request in ["one", "two"] {
            let req = try Cat("req", "--connect", endpoint)
            try req.process.write("\(request)\n")
            #expect(try rep.process.nextLine() == request)
        }
        #expect(rep.process.isRunning)
    }

    @Test("dealer and router: the routing id is the first frame")
    func dealerRouter() throws {
        let (router, endpoint) = try Cat.bound("router", "--hex")
        let dealer = try Cat("dealer", "--connect", endpoint, "--hex", "--option", "routing-id=0x4d45", "--count", "1")
        try dealer.process.write("- 01\n")
        #expect(try router.process.nextLine() == "4d45 - 01")
        try router.process.write("4d45 ff -\n")
        #expect(try dealer.output() == "ff -\n")
    }

    @Test("client and server, channel, scatter and gather: messages of one frame")
    func singleFrames() throws {
        let (server, endpoint) = try Cat.bound("server", "--hex")
        let client = try Cat("client", "--connect", endpoint, "--hex", "--count", "2")
        try client.process.write("61 62\n6f6e65\n")
        let request = try #require(try server.process.nextLine())
        #expect(request.hasSuffix(" 6f6e65") && request.count == 8 + 7)
        try server.process.write("00000000 61\n\(request.prefix(8)) 61\n\(request.prefix(8)) 62\n")
        #expect(try client.output() == "61\n62\n")
        #expect(client.complaints.count == 1 && client.complaints[0].contains("one frame"))
        try waitUntil("a complaint") { server.complaints.count == 1 }
        #expect(server.complaints[0].contains("EHOSTUNREACH"))

        let (bound, here) = try Cat.bound("channel", "--count", "1")
        let channel = try Cat("channel", "--connect", here, "--count", "1")
        try channel.process.write("there\n")
        #expect(try bound.process.nextLine() == "there")

        let (gather, other) = try Cat.bound("gather", "--count", "2")
        let scatter = try Cat("scatter", "--connect", other)
        try scatter.input("one\ntwo\n")
        #expect(try gather.output() == "one\ntwo\n")
        try scatter.output()
    }

    @Test("radio and dish: the group is the first frame")
    func radioDish() throws {
        let (radio, endpoint) = try Cat.bound("radio", "--hex")
        let dish = try Cat("dish", "--connect", endpoint, "--subscribe", "a", "--count", "1")
        try waitUntil("the member to have enough") {
            try radio.process.write("6162 6e6f\n61 796573\n")
            return !dish.process.isRunning
        }
        #expect(try dish.output() == "a\tyes\n")
        try radio.process.write("616c6f6e65\n")
        try waitUntil("a complaint") { radio.complaints.contains { $0.contains("two frames") } }
        radio.process.closeInput()
        try radio.output()
    }

    @Test("radio and dish over udp, and dgram, whose first frame is an address")
    func datagrams() throws {
        let dish = try Cat("dish", "--bind", "udp://127.0.0.1:*", "--subscribe", "a", "--count", "2")
        let radio = try Cat("radio", "--connect", dish.endpoint(), "--hex")
        try radio.input("6162 6e6f\n61 6f6e65\n61 74776f\n")
        #expect(try dish.output() == "a\tone\na\ttwo\n")
        try radio.output()

        let server = try Cat("dgram", "--bind", "udp://127.0.0.1:*", "--echo")
        let there = hexadecimal(try server.endpoint().dropFirst("udp://".count).utf8)
        let client = try Cat("dgram", "--bind", "udp://127.0.0.1:*", "--hex", "--count", "1")
        try client.process.write("6e6f 61\n\(there) 68690a\n")
        #expect(try client.output() == "\(there) 68690a\n")
        #expect(client.complaints.count == 1 && client.complaints[0].contains("EINVAL"))
        server.process.interrupt()
        try server.output()
    }

    @Test("router: a line without a body, and one for an unknown peer when that is an error, are skipped")
    func routerErrors() throws {
        let (router, endpoint) = try Cat.bound("router", "--hex", "--option", "router-mandatory=true")
        try router.process.write("4d45\n4e4f 00\n")
        try waitUntil("two complaints") { router.complaints.count == 2 }
        #expect(router.complaints[0].contains("EINVAL") && router.complaints[1].contains("EHOSTUNREACH"))
        let dealer = try Cat("dealer", "--connect", endpoint, "--option", "routing-id=ME", "--count", "1")
        try dealer.process.write("hi\n")
        #expect(try router.process.nextLine() == "4d45 6869")
        try router.process.write("4d45 41\n")
        #expect(try dealer.output() == "A\n")
    }

    @Test("stream serves a plain TCP client, which is another stream")
    func stream() throws {
        let (server, endpoint) = try Cat.bound("stream", "--hex", "--echo")
        let client = try Cat("stream", "--connect", endpoint, "--hex", "--count", "2")
        let arrival = try #require(try client.process.nextLine())
        #expect(arrival.hasSuffix(" -"))
        try client.process.write("\(arrival.dropLast(2)) 48692e\n")
        #expect(try client.output().hasSuffix(" 48692e\n"))
        #expect(try server.process.nextLine()?.hasSuffix(" -") == true)
        #expect(try server.process.nextLine()?.hasSuffix(" 48692e") == true)
    }

    @Test("--echo sends messages back", arguments: ["rep", "router", "dealer", "pair"])
    func echo(type: String) throws {
        let (server, endpoint) = try Cat.bound(type, "--echo")
        let client = try Cat(
            type == "pair" ? "pair" : type == "dealer" ? "dealer" : "req",
            "--connect",
            endpoint,
            "--count",
            "3"
        )
        try client.input("one\ntwo\nthree\n")
        #expect(try client.output() == "one\ntwo\nthree\n")
        #expect(try server.process.nextLine() != nil, "echoed messages are printed, too")
        server.process.interrupt()
        try server.output()
    }

    @Test("a line of invalid hexadecimal is reported and skipped")
    func badHex() throws {
        let (pull, endpoint) = try Cat.bound("pull", "--hex", "--count", "2")
        let push = try Cat("push", "--connect", endpoint, "--hex")
        try push.input("00\nxyz\n\n01 -\n")
        #expect(try pull.output() == "00\n01 -\n")
        try push.output()
        #expect(push.complaints.count == 2 && push.complaints[0].contains("xyz"))
    }
}
