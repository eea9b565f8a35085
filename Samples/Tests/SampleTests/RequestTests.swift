import EventReactor
import Testing
import ZMQReactorTestSupport

/// The programs with less work than by default, so that the tests are faster.
private let quick = ["--work", "5"]

@Suite(.hangLimit)
struct RequestTests {
    private let helloOutput =
        "Connecting to hello world server...\n"
        + (0..<10).map { "Sending Hello \($0)...\nReceived World \($0)\n" }.joined()
    private let requestOutput = (0..<10).map { "Received reply \($0) [World]\n" }.joined()

    private func lines(_ count: Int, _ line: String) -> String { String(repeating: line + "\n", count: count) }

    private func expectEnd(_ programs: ChildProcess...) throws {
        for program in programs {
            program.interrupt()
            try program.expectExit()
            #expect(program.standardError.isEmpty)
        }
    }

    /// Replies to a number of requests, over a socket that binds or connects.
    private func libzmqServer(_ verb: String, _ endpoint: String, requests: Int = 10) throws -> ChildProcess {
        try python(
            """
            rep = ctx.socket(zmq.REP)
            getattr(rep, sys.argv[1])(sys.argv[2])
            for _ in range(int(sys.argv[3])):
                assert rep.recv_multipart() == [b"Hello"]
                rep.send(b"World")
            """,
            verb,
            endpoint,
            "\(requests)"
        )
    }

    private func libzmqClient(_ endpoint: String, requests: Int = 10) throws -> ChildProcess {
        try python(
            """
            req = ctx.socket(zmq.REQ)
            req.connect(sys.argv[1])
            for _ in range(int(sys.argv[2])):
                req.send(b"Hello")
                assert req.recv_multipart() == [b"World"]
            """,
            endpoint,
            "\(requests)"
        )
    }

    @Test("4.1, 4.2: hello-client, started first, and hello-server")
    func hello() throws {
        let endpoint = try freeEndpoint()
        let client = try sample("hello-client", "--connect", endpoint)
        let server = try sample("hello-server", ["--bind", endpoint] + quick)
        try client.expectExit(within: .seconds(30))
        #expect(client.standardOutput == helloOutput)
        try expectEnd(server)
        #expect(server.standardOutput == lines(10, "Received Hello"))
    }

    @Test("4.1: by default a request takes a second, and no second one is handled meanwhile")
    func defaultWork() throws {
        let endpoint = try freeEndpoint()
        let server = try sample("hello-server", "--bind", endpoint)
        let start = ContinuousClock.now
        let clients = try (0..<2).map { _ in try libzmqClient(endpoint, requests: 1) }
        for client in clients { try client.expectExit() }
        #expect(start.duration(to: .now) >= .seconds(2))
        try expectEnd(server)
    }

    @Test("4.1, 4.2: libzmq on the other side of hello-server and hello-client")
    func helloAndLibzmq() throws {
        let (one, two) = (try freeEndpoint(), try freeEndpoint())
        let server = try sample("hello-server", ["--bind", one] + quick)
        let libzmqClient = try libzmqClient(one)
        let libzmqServer = try libzmqServer("bind", two)
        let client = try sample("hello-client", "--connect", two)
        for program in [libzmqClient, libzmqServer, client] { try program.expectExit(within: .seconds(30)) }
        #expect(client.standardOutput == helloOutput)
        try expectEnd(server)
    }

    @Test(
        "4.11 to 4.14, PRX-11: clients and workers come and go at a broker, ours and libzmq's",
        arguments: ["request-broker", "message-queue", "capture-tap"]
    )
    func broker(name: String) throws {
        let (frontend, backend) = (try freeEndpoint(), try freeEndpoint())
        // The first programs wait for the others.
        let early = try sample("request-client", "--connect", frontend)
        let broker = try sample(name, "--frontend", frontend, "--backend", backend)
        let worker = try sample("request-worker", ["--connect", backend] + quick)
        try early.expectExit(within: .seconds(30))
        #expect(early.standardOutput == requestOutput)
        try expectEnd(worker)
        #expect(worker.standardOutput == lines(10, "Received request: [Hello]"))

        // There is no worker now: requests wait in the broker's sockets for the next one, which is libzmq's.
        let later = try sample("request-client", "--connect", frontend)
        let others = try (0..<2).map { _ in try libzmqClient(frontend) }
        let libzmqWorker = try libzmqServer("connect", backend, requests: 30)
        for program in others + [later, libzmqWorker] { try program.expectExit(within: .seconds(30)) }
        #expect(later.standardOutput == requestOutput)
        try expectEnd(broker)
        if name != "capture-tap" { #expect(broker.standardOutput.isEmpty) }
    }

    @Test("PRX-23: a broker without workers holds its clients back, and loses nothing")
    func pressure() throws {
        let (frontend, backend) = (try freeEndpoint(), try freeEndpoint())
        let broker = try sample("request-broker", "--frontend", frontend, "--backend", backend)
        let client = try python(
            """
            dealer = ctx.socket(zmq.DEALER)
            dealer.connect(sys.argv[1])
            for number in range(10000):
                dealer.send_multipart([b"", b"%d" % number])
            for number in range(10000):
                assert dealer.recv_multipart() == [b"", b"%d" % number]
            """,
            frontend
        )
        let worker = try python(
            """
            rep = ctx.socket(zmq.REP)
            # At its mark, a REP of libzmq drops replies when its I/O thread gets no processor.
            rep.setsockopt(zmq.SNDHWM, 0)
            rep.connect(sys.argv[1])
            for _ in range(10000):
                rep.send(rep.recv())
            """,
            backend
        )
        for program in [client, worker] { try program.expectExit(within: .seconds(30)) }
        try expectEnd(broker)
    }

    @Test("PRX-19: the tap shows all frames of both directions")
    func tap() throws {
        let (frontend, backend) = (try freeEndpoint(), try freeEndpoint())
        let tap = try sample("capture-tap", "--frontend", frontend, "--backend", backend)
        let worker = try sample("request-worker", ["--connect", backend] + quick)
        try libzmqClient(frontend, requests: 1).expectExit()
        try tap.expectOutput("World\n")
        try expectEnd(tap, worker)
        let shown = tap.standardOutput.split(separator: "\n")
        let rule = Substring(String(repeating: "-", count: 40))
        try #require(shown.count == 8)
        #expect(shown[0] == rule && shown[4] == rule)
        // An address generated by the ROUTER, the empty frame, and the text.
        #expect(shown[1].hasPrefix("[005] 00") && shown[1].count == 16 && shown[5] == shown[1])
        #expect(shown[2] == "[000] " && shown[3] == "[005] Hello")
        #expect(shown[6] == "[000] " && shown[7] == "[005] World")
    }

    @Test("THR-13, THR-14: ten clients with a second of work each and five threads take two seconds")
    func multithreaded() throws {
        let endpoint = try freeEndpoint()
        let server = try sample("multithreaded-server", "--bind", endpoint)
        // All ten in one process: the start of Python must not be measured.
        let clients = try python(
            """
            sockets = [ctx.socket(zmq.REQ) for _ in range(10)]
            for socket in sockets:
                socket.connect(sys.argv[1])
            start = time.monotonic()
            for number, socket in enumerate(sockets):
                socket.send(b"Hello %d" % number)
            for socket in sockets:
                assert socket.recv_multipart() == [b"World"]
            print(time.monotonic() - start)
            """,
            endpoint
        )
        try clients.expectExit(within: .seconds(30))
        let seconds = try #require(Double(clients.standardOutput.dropLast()))
        #expect(seconds >= 2 && seconds < 4, "it took \(seconds) s")
        try expectEnd(server)
        let expected = (0..<10).map { "Received request: [Hello \($0)]" }
        #expect(server.standardOutput.split(separator: "\n").map(String.init).sorted() == expected)
    }

    @Test("4.19: ten of our clients at the multithreaded server")
    func multithreadedAndClients() throws {
        let endpoint = try freeEndpoint()
        let server = try sample("multithreaded-server", ["--bind", endpoint] + quick)
        let clients = try (0..<10).map { _ in try sample("hello-client", "--connect", endpoint) }
        for client in clients {
            try client.expectExit(within: .seconds(30))
            #expect(client.standardOutput == helloOutput)
        }
        try expectEnd(server)
        #expect(server.standardOutput == lines(100, "Received request: [Hello]"))
    }

    @Test("4.18: the interrupt server cleans up on either signal", arguments: [Signal.interrupt, .terminate])
    func interrupt(signal: Signal) throws {
        let endpoint = try freeEndpoint()
        let server = try sample("interrupt-server", "--bind", endpoint)
        let client = try python(
            """
            req = ctx.socket(zmq.DEALER)
            req.connect(sys.argv[1])
            req.send_multipart([b"", b"Hello"])
            req.send_multipart([b"", b"Hello"])
            time.sleep(60)
            """,
            endpoint
        )
        try server.expectOutput("W: recv\n")
        let start = ContinuousClock.now
        server.send(signal)
        try server.expectExit()
        #expect(start.duration(to: .now) < .seconds(1))
        let ending = "W: interrupt received, killing server...\nW: cleaning up\n"
        #expect(server.standardOutput == "W: recv\n" + ending, "the first request is never answered")
        client.kill()
        try LibzmqPeer(.rep).bind(endpoint)
    }

    @Test("the secure server refuses a client that it does not know, and serves the other one")
    func secureHello() throws {
        let program = try sample("secure-hello")
        try program.expectExit()
        let lines = program.standardOutput.split(separator: "\n")
        let refusal = try #require(lines.first)
        let (start, end) = ("No: the peer was refused with status 400: the key ", " is not known")
        // The key of the client is another one each time.
        #expect(
            refusal.hasPrefix(start) && refusal.hasSuffix(end) && refusal.utf8.count == start.count + 40 + end.count
        )
        #expect(lines.dropFirst() == ["Hello alice", "Received Hello", "Received World"])
    }
}
