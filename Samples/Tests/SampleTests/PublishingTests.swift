import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit)
struct PublishingTests {
    private func expectEnd(_ programs: ChildProcess...) throws {
        for program in programs {
            program.interrupt()
            try program.expectExit()
            #expect(program.standardError.isEmpty)
        }
    }

    @Test("4.23, 4.24, ENV-01, ENV-02, ENV-03: only messages with key B are shown")
    func envelopes() throws {
        let endpoint = try freeEndpoint()
        let publisher = try sample("envelope-publisher", "--bind", endpoint, "--interval", "5")
        let subscriber = try sample("envelope-subscriber", "--connect", endpoint)
        let libzmq = try python(
            """
            sub = ctx.socket(zmq.SUB)
            sub.connect(sys.argv[1])
            sub.subscribe("")
            messages = [sub.recv_multipart() for _ in range(6)]
            a, b = [b"A", b"We don't want to see this"], [b"B", b"We would like to see this"]
            assert messages in ([a, b] * 3, [b, a] * 3), messages
            """,
            endpoint
        )
        for _ in 0..<5 { #expect(try subscriber.nextLine() == "[B] We would like to see this") }
        try libzmq.expectExit()
        try expectEnd(publisher, subscriber)
        let shown = Set(subscriber.standardOutput.split(separator: "\n"))
        #expect(shown == ["[B] We would like to see this"])
    }

    @Test("4.24: our subscriber at a libzmq publisher")
    func libzmqEnvelopes() throws {
        let endpoint = try freeEndpoint()
        let publisher = try python(
            """
            pub = ctx.socket(zmq.PUB)
            pub.bind(sys.argv[1])
            while True:
                pub.send_multipart([b"A", b"B"])
                pub.send_multipart([b"AB", b"no"])
                pub.send_multipart([b"B", b"yes"])
                time.sleep(0.001)
            """,
            endpoint
        )
        let subscriber = try sample("envelope-subscriber", "--connect", endpoint)
        for _ in 0..<5 { #expect(try subscriber.nextLine() == "[B] yes") }
        try expectEnd(subscriber)
        publisher.kill()
    }

    @Test("ENV-05: a subscriber sends a request to the address in the second part")
    func addresses() throws {
        let endpoint = try freeEndpoint()
        let publisher = try sample("address-publisher", "--bind", endpoint, "--interval", "5")
        let subscriber = try sample("address-subscriber", "--connect", endpoint)
        try subscriber.expectOutput("Received World from tcp://127.0.0.1:")
        try publisher.expectOutput("Received Hello\n")
        let libzmq = try python(
            """
            sub, req = ctx.socket(zmq.SUB), ctx.socket(zmq.REQ)
            sub.connect(sys.argv[1])
            sub.subscribe("B")
            key, address, contents = sub.recv_multipart()
            assert (key, contents) == (b"B", b"We would like to see this")
            req.connect(address.decode())
            req.send(b"How are you?")
            assert req.recv() == b"World"
            """,
            endpoint
        )
        try libzmq.expectExit()
        try publisher.expectOutput("Received How are you?\n")
        try expectEnd(publisher, subscriber)
        #expect(subscriber.standardOutput.hasPrefix("[B] We would like to see this\n"))
    }

    @Test("the weather by multicast, and over tcp at the same time")
    func weatherByMulticast() throws {
        let (group, endpoint) = ("epgm://127.0.0.1;\(RawMulticast.group):\(try freePort())", try freeEndpoint())
        let server = try sample("weather-server", "--bind", group, "--bind", endpoint)
        for source in [group, endpoint] {
            let client = try sample("weather-client", "--connect", source, "1")
            try client.expectExit(within: .seconds(30))
            #expect(client.standardOutput.contains("Average temperature for zipcode '1' was "))
        }
        try expectEnd(server)
    }

    @Test("4.15, BRG-03: a client in the outer network gets its updates", arguments: [[], ["--plain"]])
    func weatherProxy(options: [String]) throws {
        let (inner, outer) = (try freeEndpoint(), try freeEndpoint())
        let proxy = try sample("weather-proxy", ["--connect", inner, "--bind", outer] + options)
        let client = try sample("weather-client", "--connect", outer, "1")
        let server = try sample("weather-server", "--bind", inner)
        try client.expectExit(within: .seconds(30))
        #expect(client.standardOutput.contains("Average temperature for zipcode '1' was "))
        try expectEnd(server, proxy)
    }

    @Test("4.15, PRX-04: outer subscriptions reach a libzmq publisher; the plain form receives everything")
    func libzmqWeather() throws {
        let (inner, outer) = (try freeEndpoint(), try freeEndpoint())
        let server = try python(
            """
            xpub = ctx.socket(zmq.XPUB)
            xpub.bind(sys.argv[1])
            print(sorted(xpub.recv() for _ in range(2)))
            while True:
                for zip in (10001, 20002):
                    xpub.send_string(f"{zip} 7 50")
                time.sleep(0.001)
            """,
            inner
        )
        let proxy = try sample("weather-proxy", "--connect", inner, "--bind", outer)
        let plain = try freeEndpoint()
        let plainProxy = try sample("weather-proxy", "--connect", inner, "--bind", plain, "--plain")
        let clients = try [outer, plain].map { try sample("weather-client", "--connect", $0) }
        for client in clients {
            try client.expectExit(within: .seconds(30))
            #expect(client.standardOutput.hasSuffix("was 7F\n"))
        }
        #expect(server.standardOutput == "[b'\\x01', b'\\x0110001 ']\n")
        server.kill()
        try expectEnd(proxy, plainProxy)
    }

    @Test("PRX-03: publishers and subscribers, ours and libzmq's, know only the forwarder's address")
    func forwarder() throws {
        let (frontend, backend) = (try freeEndpoint(), try freeEndpoint())
        let forwarder = try sample("forwarder", "--frontend", frontend, "--backend", backend)
        let publishers = try ["one", "two"].map { name in
            try python(
                """
                pub = ctx.socket(zmq.PUB)
                pub.connect(sys.argv[1])
                while True:
                    pub.send_multipart([b"B", sys.argv[2].encode()])
                    pub.send_multipart([b"A", b"unrequested."])
                    time.sleep(0.001)
                """,
                frontend,
                name
            )
        }
        let subscriber = try sample("envelope-subscriber", "--connect", backend)
        for name in ["one", "two"] { try subscriber.expectOutput("[B] \(name)\n") }
        let libzmq = try python(
            """
            sub = ctx.socket(zmq.SUB)
            sub.connect(sys.argv[1])
            sub.subscribe("A")
            assert sub.recv_multipart() == [b"A", b"unrequested."]
            """,
            backend
        )
        try libzmq.expectExit()
        for publisher in publishers { publisher.kill() }
        try expectEnd(subscriber, forwarder)
        #expect(!subscriber.standardOutput.contains("[A]"))
    }
}
