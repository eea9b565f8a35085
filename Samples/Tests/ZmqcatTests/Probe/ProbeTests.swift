import Glibc
import Testing
import ZMQReactor
import ZMQReactorTestSupport

/// The program against servers of many kinds.
@Suite(.hangLimit)
struct ProbeTests {
    /// Its report.
    private func probe(_ endpoint: String, _ arguments: String..., status: Int32 = 0) throws -> String {
        let cat = try ChildProcess(
            Project.executable("zmqcat"),
            ["probe", endpoint, "--timeout", "1500ms"] + arguments
        )
        try cat.expectExit(.exited(status), within: .seconds(60))
        #expect(cat.standardError.isEmpty)
        return cat.standardOutput
    }

    /// A server of Python that does what `body` says with each connection `c`, and its endpoint.
    private func server(_ body: String) throws -> (process: ChildProcess, endpoint: String) {
        let script = """
            import socket, threading, time, ssl
            l = socket.create_server(("127.0.0.1", 0))
            print(l.getsockname()[1], flush=True)
            def serve(c):
                try:
                    \(body)
                except OSError: pass
            while True:
                threading.Thread(target=serve, args=(l.accept()[0],), daemon=True).start()
            """
        let process = try ChildProcess("/usr/bin/python3", ["-c", script])
        return (process, "tcp://127.0.0.1:\(try #require(try process.nextLine()))")
    }

    @Test(
        "libzmq's sockets: their type, what goes with it, and the heartbeat",
        arguments: [
            (.router, "REQ", "REQ, DEALER, ROUTER"), (.rep, "REQ", "REQ, DEALER"), (.pub, "SUB", "SUB, XSUB"),
            (.xpub, "SUB", "SUB, XSUB"), (.pull, "PUSH", "PUSH"), (.xsub, "PUB", "PUB, XPUB"),
        ] as [(PeerSocketType, String, String)]
    )
    func libzmq(type: PeerSocketType, offer: String, compatible: String) throws {
        let peer = try LibzmqPeer(type)
        for endpoint in [try peer.bind(), try peer.bind("ipc://\(Unique.path())")] {
            let report = try probe(endpoint)
            #expect(report.contains("+ protocol  ZMTP 3.1\n"), "\(report)")
            #expect(report.contains("+ security  NULL: "))
            #expect(report.contains("+ peer      \(type.rawValue)\n"))
            #expect(report.contains("it goes with \(compatible)\n"))
            #expect(report.contains("handshake complete, as a \(offer)\n"))
            #expect(report.contains("+ heartbeat it answers PING ("))
            #expect(report.contains("next: "))
        }
    }

    @Test("the messages of a libzmq PUSH stay for its real peers")
    func noTheft() throws {
        let peer = try LibzmqPeer(.push)
        let endpoint = try peer.bind()
        let report = try probe(endpoint)
        #expect(report.contains("handshake not completed, because a PUSH might send its messages to the probe\n"))
        let pull = try LibzmqPeer(.pull)
        try pull.connect(endpoint)
        for _ in 0..<10 { try peer.send("x") }
        #expect(try pull.receive(count: 10).count == 10)
    }

    @Test("the topics of a libzmq SUB")
    func topics() throws {
        let peer = try LibzmqPeer(.sub, [.subscribe("tea"), .subscribe("")])
        let endpoint = try peer.bind()
        // libzmq sends its subscriptions when the application calls it.
        let waiting = try peer.receiving(within: .seconds(60))
        let report = try probe(endpoint)
        #expect(!waiting.isReady)
        #expect(report.contains("+ topics    it has subscribed to"), "\(report)")
        #expect(report.contains("\"tea\"") && report.contains("everything"))
    }

    @Test(
        "each of this library's types, over tcp and WebSocket",
        arguments: ["tcp://127.0.0.1:*", "ws://127.0.0.1:*/x"]
    )
    func own(endpoint: String) throws {
        for kind in ["rep", "router", "pub", "pull", "server", "gather", "dish", "radio", "sub"] {
            let cat = try Cat(kind, "--bind", endpoint)
            let report = try probe(try cat.endpoint())
            // A PUB says more.
            let peer = "+ peer      \(kind.uppercased())"
            #expect(report.contains("\(peer)\n") || report.contains("\(peer), with "), "\(report)")
            #expect(report.contains("handshake complete, as a "), "\(report)")
            cat.process.interrupt()
            try cat.output()
        }
    }

    @Test("a type that would send messages and waits for the probe's is not connected to, and the report says so")
    func talkative() throws {
        let cat = try Cat("push", "--bind", "ws://127.0.0.1:*/x")
        let report = try probe(try cat.endpoint(), status: 4)
        #expect(
            report.contains("! handshake refused: ") && report.contains("It may be a REQ, a DEALER, a PUSH"),
            "\(report)"
        )
        cat.process.interrupt()
        try cat.output()
    }

    @Test("PLAIN: what is wanted, and the type for those who have it")
    func plain() throws {
        let (server, endpoint) = try Cat.bound("router", "--option", "security=plain-server", "--allow", "al:sesame")
        let wanted = try probe(endpoint, status: 4)
        #expect(wanted.contains("! security  PLAIN: a name and a password are wanted\n"))
        func client(_ password: String) -> [String] {
            ["security=plain-client", "plain-username=al", "plain-password=\(password)"].map { "--option=\($0)" }
        }
        let (good, bad) = (client("sesame"), client("wrong"))
        #expect(try probe(endpoint, good[0], good[1], good[2]).contains("+ peer      ROUTER\n"))
        #expect(try probe(endpoint, bad[0], bad[1], bad[2], status: 4).contains("! handshake refused: 400"))
        server.process.interrupt()
        try server.output()
    }

    #if Curve
        @Test("CURVE: that a key is wanted, and the type for those who have it")
        func curve() throws {
            let keys = try CurveKeyPair()
            let peer = try LibzmqPeer(
                .pull,
                [.flag("CURVE_SERVER"), .bytes("CURVE_SECRETKEY", keys.secretKey.withUnsafeBytes { Array($0) })]
            )
            let endpoint = try peer.bind()
            #expect(try probe(endpoint, status: 4).contains("! security  CURVE: the server's public key is wanted\n"))
            let report = try probe(
                endpoint,
                "--option=security=curve-client",
                "--option=curve-server-key=\(keys.publicKey)"
            )
            #expect(report.contains("+ peer      PULL\n") && report.contains("it answers PING"), "\(report)")
            let stranger = try CurveKeyPair()
            let refused = try probe(
                endpoint,
                "--option=security=curve-client",
                "--option=curve-server-key=\(stranger.publicKey)",
                status: 4
            )
            #expect(refused.contains("! handshake refused: "))
        }
    #endif

    #if TLS
        @Test("wss: the type, where the certificate is accepted, and otherwise why it is not")
        func secureWebSocket() throws {
            let (key, certificate) = (Unique.path(".key"), Unique.path(".pem"))
            defer { for path in [key, certificate] { unlink(path) } }
            let openssl = try ChildProcess(
                "/usr/bin/openssl",
                ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
                    + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
                    + ["-keyout", key, "-out", certificate]
            )
            try openssl.expectExit(.exited(0))
            let options = ["certificate-file=\(certificate)", "private-key-file=\(key)"].map { "--option=tls.\($0)" }
            let cat = try Cat("rep", "--bind", "wss://localhost:*/x", options[0], options[1])
            let endpoint = try cat.endpoint().replacing("127.0.0.1", with: "localhost")
            let refused = try probe(endpoint, status: 4)
            #expect(refused.contains("+ protocol  TLS\n") && refused.contains("certificate"), "\(refused)")
            let report = try probe(endpoint, "--option=tls.authorities-file=\(certificate)")
            #expect(report.contains("+ peer      REP\n") && report.contains("it answers PING"), "\(report)")
            cat.process.interrupt()
            try cat.output()
        }
    #endif

    @Test("nothing there: a closed port, no such path, no such name")
    func unreachable() throws {
        let closed = try probe(try freeEndpoint(), status: 1)
        #expect(closed.contains("connection refused") && closed.contains("next: Start the server"))
        #expect(try probe("ipc://\(Unique.path())", status: 1).contains("there is no such file"))
        let name = try probe("tcp://no-such-host.invalid:1", status: 1)
        #expect(name.contains("! name      no-such-host.invalid: "), "\(name)")
        #expect(name.contains("next: Check the spelling of no-such-host.invalid"))
    }

    @Test(
        "servers of other kinds",
        arguments: [
            ("time.sleep(60)", "it says nothing", 1), ("c.close()", "it closes the connection without a word", 1),
            (#"c.sendall(b"SSH-2.0-x\r\n"); time.sleep(60)"#, #"not ZeroMQ, but an SSH server: "SSH-2.0-x""#, 3),
            (#"c.recv(99); c.sendall(b"HTTP/1.0 400 No\r\n\r\n"); c.close()"#, #"HTTP, not ZeroMQ: "400 No""#, 3),
            // Without a certificate, its answer is an alert.
            ("ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).wrap_socket(c, server_side=True)", "TLS, not ZeroMQ", 3),
        ]
    )
    func strangers(body: String, text: String, status: Int32) throws {
        let (process, endpoint) = try server(body)
        let report = try probe(endpoint, status: status)
        #expect(report.contains("! protocol  \(text)\n"), "\(report)")
        process.interrupt()
    }

    @Test("a server that drips its words ends the probe in bounded time")
    func drip() throws {
        let (process, endpoint) = try server("[(c.sendall(b'\\\\xff'), time.sleep(0.05)) for _ in range(10000)]")
        let time = try ContinuousClock().measure { _ = try probe(endpoint, status: 3) }
        #expect(time < .seconds(20))
        process.interrupt()
    }

    @Test("HTTP without a WebSocket for ZeroMQ, and ZMTP without WebSocket")
    func wrongTransport() throws {
        let (pub, endpoint) = try Cat.bound("rep")
        let address = endpoint.dropFirst("tcp://".count)
        let report = try probe("ws://\(address)/", status: 3)
        #expect(report.contains("! protocol  ZMTP, without WebSocket\nnext: Connect with tcp://\(address).\n"))
        let secret = try probe("wss://\(address)/", status: 3)
        #expect(
            secret.contains("! protocol  ZMTP, without WebSocket\nnext: Connect with tcp://\(address).\n"),
            "\(secret)"
        )
        pub.process.interrupt()
        try pub.output()
        let web = try Cat("rep", "--bind", "ws://127.0.0.1:*/right")
        let wrong = try web.endpoint().replacing("/right", with: "/wrong")
        #expect(try probe(wrong, status: 3).contains("! protocol  HTTP, not ZeroMQ: \"404 Not Found\""))
        web.process.interrupt()
        try web.output()
    }

    @Test("--json is one line of JSON with the same")
    func json() throws {
        let peer = try LibzmqPeer(.router, [.routingID("a\"b\\")])
        let text = try probe(try peer.bind(), "--json")
        let check = try ChildProcess(
            "/usr/bin/python3",
            [
                "-c",
                "import json,sys; r=json.load(sys.stdin); print(r['verdict'], r['protocol'], r['version'], r['peer_type'], r['properties']['Identity'], len(r['compatible_types']), r['heartbeat_ms']>0, r['key_wanted'], len(r['steps'])>4)",
            ]
        )
        try check.write(text)
        check.closeInput()
        try check.expectExit(.exited(0))
        #expect(check.standardOutput == "ready ZMTP 3.1 ROUTER a\"b\\\\ 3 True False True\n")
        #expect(text.filter { $0 == "\n" }.count == 1)
    }
}
