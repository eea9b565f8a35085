import EventReactor
import Testing
import ZMQReactor
import ZMQReactorTestSupport

@Suite(.hangLimit)
struct CommandLineTests {
    /// An invalid command line: one line that names the mistake, exit status 2.
    ///
    /// - Parameter hasSocket: whether it gets as far as a socket, which is then open when the program ends.
    private func expectRefusal(_ arguments: [String], naming culprit: String, hasSocket: Bool = true) throws {
        let environment = hasSocket ? abruptEnd : [:]
        let process = try ChildProcess(Project.executable("zmqcat"), arguments, environment: environment)
        try process.expectExit(.exited(2))
        let lines = process.standardError.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 && lines[1].isEmpty, "\(lines)")
        #expect(lines[0].hasPrefix("error: ") && lines[0].contains(culprit), "\(lines)")
        #expect(process.standardOutput.isEmpty)
    }

    @Test(
        "bad arguments: one line that names the mistake, exit status 2",
        arguments: [
            ([], "<type>"), (["frob", "--bind", "tcp://*:*"], "frob"), (["push"], "--bind"),
            (["push", "extra", "--bind", "tcp://*:*"], "extra"), (["push", "--bind", "tcp://*:*", "--frob"], "--frob"),
            (["push", "--bind"], "--bind"),
            (["push", "--bind", "tcp://*:*", "--count", "0"], "--count must be 1 or more, not 0"),
            (["push", "--bind", "tcp://*:*", "--count", "x"], "--count"),
            (["push", "--bind", "tcp://*:*", "--timeout", "1h"], "--timeout"),
            (["push", "--bind", "tcp://*:*", "--linger", "x"], "--linger"),
            (["push", "--bind", "tcp://*:*", "--echo"], "--echo"),
            (["req", "--bind", "tcp://*:*", "--echo"], "--echo"),
            (["pull", "--bind", "tcp://*:*", "--subscribe", "a"], "--subscribe"),
            (["xpub", "--bind", "tcp://*:*", "--subscribe-hex", "00"], "--subscribe-hex"),
            (["sub", "--bind", "tcp://*:*", "--subscribe-hex", "0g"], "0g"),
            (["push", "--bind", "tcp://*:*", "--io-threads", "65"], "--io-threads must be 0 to 64, not 65"),
            (["push", "--bind", "tcp://*:*", "--wait-for-peers", "0"], "--wait-for-peers must be 1 or more, not 0"),
            (["pull", "--bind", "tcp://*:*", "--wait-for-peers", "1"], "--wait-for-peers"),
            (["rep", "--bind", "tcp://*:*", "--wait-for-peers", "1", "--echo"], "--wait-for-peers"),
            (["probe"], "<endpoint>"), (["probe", "tcp://*:5"], "tcp://*:5"), (["probe", "udp://h:5"], "udp://h:5"),
            (["probe", "tcp://h:5", "--timeout", "0"], "--timeout"), (["probe", "tcp://h"], "tcp://h"),
            (["rep", "--bind", "tcp://*:*", "--allow", "user:word"], "--allow: only with security=plain-server"),
        ]
    )
    func badArguments(arguments: [String], culprit: String) throws {
        try expectRefusal(arguments, naming: culprit, hasSocket: false)
    }

    @Test(
        "endpoints that do not parse",
        arguments: ["tcp://x", "tcp://127.0.0.1:99999", "nonsense", "udp://127.0.0.1:1", "ftp://x:1"]
    )
    func badEndpoints(endpoint: String) throws {
        try expectRefusal(["push", "--bind", endpoint], naming: endpoint)
        try expectRefusal(["push", "--connect", endpoint], naming: endpoint)
        try expectRefusal(["push", "--bind", "tcp://127.0.0.1:*", "--events", "--bind", endpoint], naming: endpoint)
        try expectRefusal(["push", "--bind", "tcp://127.0.0.1:*", "--connect", endpoint], naming: endpoint)
    }

    @Test("an address in use")
    func addressInUse() throws {
        let holder = try LibzmqPeer(.pull)
        let endpoint = try holder.bind()
        try expectRefusal(["push", "--bind", endpoint], naming: endpoint)
        try expectRefusal(["push", "--bind", "tcp://127.0.0.1:*", "--bind", endpoint, "--events"], naming: endpoint)
    }

    @Test(
        "options that do not parse, do not exist, do not apply to the type, or are not supported",
        arguments: [
            ("push", "backlog", "backlog"), ("push", "frob=1", "frob"),
            ("push", "ZMQ_SNDHWM=1", "option ZMQ_SNDHWM: unknown option: did you mean send-high-water-mark?"),
            ("push", "backlgo=1", "did you mean backlog?"), ("push", "backlog=many", "backlog=many"),
            ("push", "backlog=0", "backlog"), ("push", "send-budget=0", "send-budget"),
            ("pull", "receive-budget=x", "receive-budget"), ("push", "send-high-water-mark=-1", "send-high-water-mark"),
            ("push", "conflate=perhaps", "conflate=perhaps"), ("router", "conflate=true", "conflate"),
            ("push", "handshake-interval=0", "handshake-interval"), ("push", "connect-timeout=x", "connect-timeout=x"),
            ("push", "reconnect-interval=1h", "reconnect-interval=1h"), ("push", "routing-id=a", "routing-id"),
            ("dealer", "routing-id=0x0", "routing-id=0x0"), ("dealer", "routing-id=0x00", "routing-id=0x00"),
            ("dealer", "router-mandatory=1", "router-mandatory"), ("sub", "xpub-verbose=1", "xpub-verbose"),
            ("pull", "invert-matching=true", "invert-matching"), ("rep", "request-relaxed=1", "request-relaxed"),
            ("pull", "=1", "option"), ("pull", "socks-proxy=nowhere", "socks-proxy"),
            ("pull", "heartbeat-interval=soon", "heartbeat-interval=soon"),
            ("pull", "limits.connections=0", "limits.connections"),
            ("pull", "limits.handshakes-per-address=-1", "limits.handshakes-per-address"),
            ("pull", "limits.slow-peer-timeout=0", "limits.slow-peer-timeout"),
            ("pull", "web-socket-clients=all", "web-socket-clients"),
            ("pull", "web-socket-origins=example.org", "web-socket-origins"),
            ("pair", "connects-to-all-addresses=true", "connects-to-all-addresses"),
            ("push", "lookup-interval=0", "lookup-interval"), ("push", "write-timeout=0", "write-timeout"),
            ("push", "tcp-user-timeout=0", "tcp-user-timeout"),
        ]
    )
    func badOptions(type: String, option: String, culprit: String) throws {
        try expectRefusal([type, "--bind", "tcp://127.0.0.1:*", "--option", option], naming: culprit)
    }

    @Test(
        "valid options",
        arguments: [
            (
                "dealer",
                [
                    "send-high-water-mark=5", "receive-high-water-mark=0", "max-message-size=1000", "backlog=1",
                    "reconnect-interval=10s", "reconnect-interval-max=20s", "connect-timeout=250ms",
                    "handshake-interval=1000", "conflate=false", "routing-id=0x01ff", "probe-router=true",
                ]
            ),
            (
                "push",
                [
                    "send-high-water-mark-bytes=1000", "receive-high-water-mark-bytes=1000",
                    "send-budget=1000", "receive-budget=none", "accepts-legacy-peers=false",
                    "tcp-keepalive=true", "tcp-keepalive-idle=60s", "tcp-keepalive-interval=5s",
                    "tcp-keepalive-count=3", "tcp-user-timeout=20s", "write-timeout=10s",
                ]
            ),
            ("req", ["request-relaxed=true", "request-correlate=1", "probe-router=0", "routing-id=me"]),
            ("router", ["router-mandatory=true", "router-handover=true", "probe-router=1", "routing-id=me"]),
            ("stream", ["router-mandatory=1", "stream-notify=false"]),
            ("pub", ["subscription-limits.topics=10", "subscription-limits.total-bytes=1000"]),
            ("xsub", ["xsub-forwards-duplicates=true"]),
            ("pull", ["idle-strategy=park", "context.receive-budget=1000000", "affinity=1", "ipc-permissions=600"]),
            ("rep", ["web-socket-clients=binary-and-text", "web-socket-origins=https://a.example,https://b.example"]),
            (
                "pull",
                [
                    "limits.connections=10", "limits.connections-per-address=10", "limits.handshakes=10",
                    "limits.handshakes-per-address=10", "limits.connection-rate=10", "limits.handshake-bytes=1000",
                    "limits.metadata-bytes=1000", "limits.frames-per-message=10", "limits.counts-local-peers=true",
                    "limits.slow-peer-timeout=10s",
                ]
            ),
            ("xpub", ["xpub-verbose=1", "xpub-verboser=1", "xpub-manual=1", "xpub-no-drop=1", "invert-matching=1"]),
            ("xpub", ["xpub-welcome-message=hello=world"]),
            ("pub", ["invert-matching=true"]), ("sub", ["invert-matching=true", "conflate=1"]),
        ]
    )
    func goodOptions(type: String, options: [String]) throws {
        let process = try ChildProcess(
            Project.executable("zmqcat"),
            [type, "--bind", "tcp://127.0.0.1:*", "--timeout", "1ms"] + options.flatMap { ["--option", $0] }
        )
        try process.expectExit(.exited(1))
        #expect(process.standardError.contains("bound tcp://127.0.0.1:"))
        #expect(!process.standardError.contains("error"))
    }

    @Test("--version")
    func version() throws {
        #expect(try Cat("--version").output() == "zmqcat \(LibraryVersion.current)\n")
    }

    @Test("--help exits 0 and names every type and option")
    func help() throws {
        let text = try Cat("--help").output()
        for word in [
            "req", "stream", "--bind", "--subscribe-hex", "--linger", "--events", "250ms", "tcp-keepalive-idle",
        ] {
            #expect(text.contains(word), "\(word)")
        }
    }
}
