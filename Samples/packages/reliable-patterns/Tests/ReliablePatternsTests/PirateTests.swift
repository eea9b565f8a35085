import LazyPirate
import Testing
import ZMQReactor
import ZMQReactorTesting

@Suite(.timeLimit(.minutes(5)))
struct PirateTests {
    @Test("a client has every answer, though its server is killed again and again")
    func killedServer() throws {
        let reactor = try Reactor()
        let folder = try TestFolder()
        let endpoint = "ipc://\(folder.path)/pirate"
        var server = try Program("pirate-server", "--bind", endpoint, on: reactor)
        let client = try Program(
            "pirate-client",
            "--connect",
            endpoint,
            "--count",
            "2000",
            "--timeout",
            "200",
            "--retries",
            "100",
            on: reactor
        )
        for count in [200, 600, 1000] {
            try reactor.run(until: { client.answers.count >= count }, "\(count) answers")
            server.kill()
            try #require(client.status == nil, "there is still something to ask")
            server = try Program("pirate-server", "--bind", endpoint, on: reactor)
        }
        try reactor.run(until: { client.status != nil }, "the end of the client")
        #expect(client.status == .exited(0))
        #expect(client.answers == Program.squares(2000))
    }

    @Test("a server serves the next client when one is killed")
    func killedClient() throws {
        let reactor = try Reactor()
        let folder = try TestFolder()
        let endpoint = "ipc://\(folder.path)/pirate"
        let server = try Program("pirate-server", "--bind", endpoint, on: reactor)
        let client = try Program("pirate-client", "--connect", endpoint, "--count", "100000", on: reactor)
        try reactor.run(until: { client.answers.count >= 100 }, "100 answers")
        client.kill()
        let next = try Program("pirate-client", "--connect", endpoint, "--count", "100", on: reactor)
        try reactor.run(until: { next.status != nil }, "the end of the next client")
        #expect(next.answers == Program.squares(100))
        #expect(server.status == nil)
    }

    @Test("a request without a reply is made again, and a late reply to the first attempt is not delivered")
    func repeated() throws {
        try withTestScene { scene in
            let server = try RouterSocket(on: scene.reactor, in: scene.context)
            try server.bind("memory://server")
            let client = PirateClient(of: "memory://server", on: scene.reactor, in: scene.context)
            var answers: [String] = []
            let work = scene.reactor.task { _ in
                for number in 0..<2 { answers.append(try await client.request("\(number)").string) }
            }
            func next() throws -> (envelope: Message, body: Message) {
                var message: Message?
                try scene.run(until: {
                    message = try server.tryReceive()
                    return message != nil
                })
                return try #require(message?.splitAtDelimiter())
            }
            let first = try next()
            let second = try next()
            #expect(first.body == "0" && second.body == "0" && first.envelope != second.envelope)
            #expect(scene.elapsed >= .milliseconds(2_500))
            #expect(try server.send(first.envelope + "late") == .accepted)
            #expect(try server.send(second.envelope + "zero") == .accepted)
            let third = try next()
            #expect(try server.send(third.envelope + "one") == .accepted)
            try scene.run(until: { answers.count == 2 })
            #expect(answers == ["zero", "one"])
            work.cancel()
        }
    }

    @Test("a client gives up after the last attempt")
    func givenUp() throws {
        try withTestScene { scene in
            var settings = PirateClient.Settings()
            settings.retries = 2
            let client = PirateClient(of: "memory://nowhere", on: scene.reactor, in: scene.context, settings: settings)
            var retries: [Int] = []
            client.onRetry = { retries.append($0) }
            var error: ZMQError?
            scene.reactor.task { _ in
                do { _ = try await client.request("?") } catch let failure as ZMQError { error = failure }
            }
            try scene.run(until: { error != nil })
            #expect(error?.code == .timedOut && retries == [1, 2])
            #expect(scene.elapsed == .milliseconds(7_500))
        }
    }
}
