import EventReactor
import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit)
struct WeatherTests {
    private func checkAverage(_ client: ChildProcess, zip: String) throws {
        try client.expectExit(within: .seconds(30))
        let lines = client.standardOutput.split(separator: "\n")
        #expect(lines.first == "Collecting updates from weather server...")
        let prefix = "Average temperature for zipcode '\(zip)' was "
        #expect(lines.count == 2 && lines[1].hasPrefix(prefix) && lines[1].hasSuffix("F"))
        let average = Int(lines[1].dropFirst(prefix.count).dropLast())
        #expect(average.map { (-80...134).contains($0) } == true)
    }

    @Test("4.3, 4.4: the server and three clients, one started before it")
    func serverAndClients() throws {
        let endpoint = try freeEndpoint()
        let early = try sample("weather-client", "--connect", endpoint, "1")
        try early.expectOutput("Collecting updates")
        let server = try sample("weather-server", "--bind", endpoint)
        let later = try ["2", ""].map { try sample("weather-client", "--connect", endpoint, $0) }
        try checkAverage(early, zip: "1")
        for (client, zip) in zip(later, ["2", ""]) { try checkAverage(client, zip: zip) }
        server.interrupt()
        try server.expectExit()
        #expect(server.standardError.isEmpty)
    }

    @Test("4.3: the server serves a subscriber of libzmq, in the chapter's format")
    func libzmqClient() throws {
        let endpoint = try freeEndpoint()
        let server = try sample("weather-server", "--bind", endpoint)
        let client = try python(
            """
            sub = ctx.socket(zmq.SUB)
            sub.connect(sys.argv[1])
            sub.subscribe("3")
            for _ in range(100):
                frames = sub.recv_multipart()
                assert len(frames) == 1
                zip, temperature, humidity = frames[0].decode().split(" ")
                assert len(zip) == 5 and zip[0] == "3", zip
                assert -80 <= int(temperature) < 135 and 10 <= int(humidity) < 60
            """,
            endpoint
        )
        try client.expectExit(within: .seconds(30))
        server.send(.terminate)
        try server.expectExit()
    }

    @Test("4.4: the client receives the updates of a libzmq publisher; the average is truncated")
    func libzmqServer() throws {
        let endpoint = try freeEndpoint()
        let server = try python(
            """
            pub = ctx.socket(zmq.PUB)
            pub.bind(sys.argv[1])
            while True:
                pub.send_string("10002 100 50")
                pub.send_string("10001 -7 50")
                pub.send_string("10001 -8 50")
                time.sleep(0.001)
            """,
            endpoint
        )
        let client = try sample("weather-client", "--connect", endpoint)
        try client.expectExit(within: .seconds(30))
        #expect(
            client.standardOutput == """
                Collecting updates from weather server...
                Average temperature for zipcode '10001 ' was -7F

                """
        )
        server.kill()
    }

    @Test("the server may be restarted while a client collects")
    func restartedServer() throws {
        let endpoint = try freeEndpoint()
        let first = try sample("weather-server", "--bind", endpoint)
        // One update in a thousand: this takes a moment.
        let client = try sample("weather-client", "--connect", endpoint, "471")
        let probe = try sample("weather-client", "--connect", endpoint, "4")
        try probe.expectExit(within: .seconds(30))
        first.kill()
        try first.wait()
        #expect(client.isRunning)
        let second = try sample("weather-server", "--bind", endpoint)
        try checkAverage(client, zip: "471")
        second.interrupt()
        try second.expectExit()
    }
}
