import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit)
struct CoordinationTests {
    private func subscriber(_ updates: String, _ sync: String, _ more: String...) throws -> ChildProcess {
        try sample("sync-subscriber", ["--connect", updates, "--sync", sync] + more)
    }

    private func publisher(_ updates: String, _ sync: String, _ more: String...) throws -> ChildProcess {
        try sample("sync-publisher", ["--bind", updates, "--sync", sync] + more)
    }

    @Test("NOD-03: ten subscribers, started first, get 100 000 updates each, and none is lost")
    func noneLost() throws {
        let (updates, sync) = (try freeEndpoint(), try freeEndpoint())
        let subscribers = try (0..<10).map { _ in try subscriber(updates, sync) }
        let publisher = try publisher(updates, sync, "--updates", "100000")
        for program in subscribers + [publisher] { try program.expectExit(within: .seconds(50)) }
        for subscriber in subscribers { #expect(subscriber.standardOutput == "Received 100000 updates\n") }
        #expect(publisher.standardOutput == "Waiting for subscribers\nBroadcasting messages\n")
    }

    @Test("with repeated hellos no program waits, and subscribers may be late; nothing is lost")
    func repeatedHello() throws {
        let (updates, sync) = (try freeEndpoint(), try freeEndpoint())
        let options = ["--updates", "20000", "--subscribers", "3", "--repeat-hello"]
        let publisher = try sample("sync-publisher", ["--bind", updates, "--sync", sync] + options)
        let early = try (0..<2).map { _ in try subscriber(updates, sync, "--repeat-hello") }
        try publisher.expectOutput("Waiting for subscribers\n")
        let late = try subscriber(updates, sync, "--repeat-hello")
        for program in early + [late, publisher] { try program.expectExit(within: .seconds(30)) }
        for subscriber in early + [late] { #expect(subscriber.standardOutput == "Received 20000 updates\n") }
    }

    @Test("the publisher does not begin before the last subscriber is ready; with libzmq subscribers")
    func libzmqSubscribers() throws {
        let (updates, sync) = (try freeEndpoint(), try freeEndpoint())
        let publisher = try publisher(updates, sync, "--updates", "5000", "--subscribers", "2", "--repeat-hello")
        let subscribers = try python(
            """
            subs, reqs = [], []
            for _ in range(2):
                sub, req = ctx.socket(zmq.SUB), ctx.socket(zmq.REQ)
                sub.subscribe("")
                sub.connect(sys.argv[1])
                req.connect(sys.argv[2])
                while sub.recv() != b"Hello":
                    pass
                req.send(b"")
                assert req.recv_multipart() == [b""]
                subs.append(sub)
                if len(subs) == 1:
                    for _ in range(5):
                        assert sub.recv() == b"Hello"
            for sub in subs:
                messages = iter(sub.recv, b"END")
                print([m for m in messages if m != b"Hello"].count(b"Rhubarb"))
            """,
            updates,
            sync
        )
        for program in [publisher, subscribers] { try program.expectExit(within: .seconds(30)) }
        #expect(subscribers.standardOutput == "5000\n5000\n")
    }

    @Test("4.22: our subscriber at a libzmq publisher")
    func libzmqPublisher() throws {
        let (updates, sync) = (try freeEndpoint(), try freeEndpoint())
        let publisher = try python(
            """
            pub, rep = ctx.socket(zmq.XPUB), ctx.socket(zmq.REP)
            pub.set_hwm(0)
            pub.bind(sys.argv[1])
            rep.bind(sys.argv[2])
            assert rep.recv_multipart() == [b""]
            assert pub.recv(zmq.DONTWAIT) == b"\\x01"
            rep.send(b"")
            for _ in range(3000):
                pub.send(b"Rhubarb")
            pub.send(b"END")
            """,
            updates,
            sync
        )
        let subscriber = try subscriber(updates, sync, "--wait", "50")
        for program in [publisher, subscriber] { try program.expectExit(within: .seconds(30)) }
        #expect(subscriber.standardOutput == "Received 3000 updates\n")
    }

    @Test("NOD-07: with a small high-water mark a slow subscriber misses a burst")
    func smallHighWaterMark() throws {
        let (updates, sync) = (try freeEndpoint(), try freeEndpoint())
        let options = ["--updates", "500000", "--subscribers", "1", "--high-water-mark", "1000"]
        let publisher = try sample("sync-publisher", ["--bind", updates, "--sync", sync] + options)
        // A subscriber that reads nothing until the publisher has sent everything.
        let subscriber = try python(
            """
            sub, req = ctx.socket(zmq.SUB), ctx.socket(zmq.REQ)
            sub.set_hwm(1000)
            sub.setsockopt(zmq.RCVBUF, 10000)
            monitor = sub.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
            sub.subscribe("")
            sub.connect(sys.argv[1])
            monitor.recv_multipart()
            req.connect(sys.argv[2])
            req.send(b"")
            req.recv()
            print("ready")
            sys.stdin.readline()
            count = 0
            while sub.poll(200):
                count += sub.recv() == b"Rhubarb"
            print(count)
            """,
            updates,
            sync
        )
        try publisher.expectOutput("Broadcasting messages\n")
        try subscriber.expectOutput("ready\n")
        // It no longer listens when everything has been sent or dropped.
        let probe = try LibzmqPeer(.pub)
        try waitUntil("the publisher to end its broadcast") { (try? probe.bind(updates)) != nil }
        try subscriber.write("\n")
        for program in [publisher, subscriber] { try program.expectExit(within: .seconds(30)) }
        let count = try #require(Int(subscriber.standardOutput.split(separator: "\n").last ?? ""))
        #expect(count > 0 && count < 500_000, "\(count) of 500 000 arrived")
    }

    @Test("4.20, THR-04: the relay passes through its three threads in order, every time")
    func relay() throws {
        let runs = try (0..<20).map { _ in try sample("thread-relay") }
        for run in runs {
            try run.expectExit()
            #expect(
                run.standardOutput == """
                    Step 1 ready, signaling step 2
                    Step 2 ready, signaling step 3
                    Test successful!

                    """
            )
        }
    }

    @Test(
        "LEK-02: programs that end on Ctrl-C or by themselves leak nothing",
        .enabled(if: isAddressSanitized, "it is the sanitizer that tells: Tests/run --sanitize address")
    )
    func leaks() throws {
        let (endpoint, updates) = (try freeEndpoint(), try freeEndpoint())
        let server = try sample("interrupt-server", "--bind", endpoint)
        let publisher = try sample("weather-server", "--bind", updates)
        let relay = try sample("thread-relay")
        try relay.expectExit(within: .seconds(30))
        let client = try sample("weather-client", "--connect", updates, "1")
        try client.expectExit(within: .seconds(60))
        for program in [server, publisher] { program.interrupt() }
        for program in [server, publisher] { try program.expectExit(within: .seconds(30)) }
        for program in [server, publisher, relay, client] { #expect(!program.standardError.contains("Sanitizer")) }
    }

    @Test("the version is three numbers")
    func version() throws {
        let program = try sample("version")
        try program.expectExit()
        #expect(try /Current 0MQ version is \d+\.\d+\.\d+\n/.wholeMatch(in: program.standardOutput) != nil)
    }
}
