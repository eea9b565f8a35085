import Testing
import ZMQReactor
import ZMQReactorTesting

@testable import Majordomo

@Suite(.timeLimit(.minutes(5)))
struct MajordomoTests {
    @Test("every client has every answer, though workers, the broker and a client are killed")
    func killedParts() throws {
        let reactor = try Reactor()
        let folder = try TestFolder()
        let endpoint = "ipc://\(folder.path)/majordomo"
        func broker() throws -> Program {
            try Program("majordomo-broker", "--bind", endpoint, "--heartbeat", "100", on: reactor)
        }
        func worker() throws -> Program {
            try Program("majordomo-worker", "--connect", endpoint, "--heartbeat", "100", on: reactor)
        }
        func client() throws -> Program {
            try Program(
                "majordomo-client",
                "--connect",
                endpoint,
                "--count",
                "400",
                "--timeout",
                "500",
                "--retries",
                "100",
                on: reactor
            )
        }

        var theBroker = try broker()
        var workers = [try worker(), try worker()]
        var clients = [try client(), try client(), try client()]
        func waitForAnswers(_ count: Int) throws {
            try reactor.run(until: { clients.map(\.answers.count).min()! >= count }, "\(count) answers each")
            try #require(clients.allSatisfy { $0.status == nil }, "there is still something to ask")
        }

        try waitForAnswers(50)
        workers[0].kill()
        try waitForAnswers(100)
        theBroker.kill()
        theBroker = try broker()
        try waitForAnswers(150)
        workers[0] = try worker()
        workers[1].kill()
        clients[2].kill()
        clients[2] = try client()
        try waitForAnswers(50)
        theBroker.kill()
        workers[0].kill()
        theBroker = try broker()
        workers[0] = try worker()

        try reactor.run(until: { clients.allSatisfy { $0.status != nil } }, "the end of the clients")
        for client in clients {
            #expect(client.status == .exited(0))
            #expect(client.answers == Program.squares(400))
        }
    }

    @Test("a worker that falls silent is given up after some heartbeats, and its request is given to another")
    func silentWorker() throws {
        try withTestScene { scene in
            try Broker.start(at: "memory://broker", on: scene.reactor, in: scene.context)
            var handled: [String] = []
            func startWorker(_ name: String) -> Task<Void, any Error> {
                let worker = Worker(for: "greet", at: "memory://broker", on: scene.reactor, in: scene.context) { _, _ in
                    handled.append(name)
                    return Message(name)
                }
                return scene.reactor.task { _ in try await worker.run() }
            }
            let first = startWorker("first")
            try scene.run(until: { scene.network.connections.count == 1 })
            scene.run(for: .seconds(1))
            scene.network.connections[0].isStalled = true

            let client = Client(of: "memory://broker", on: scene.reactor, in: scene.context)
            var reply: Message?
            scene.reactor.task { _ in reply = try await client.request("greet", "hello").final }
            scene.run(for: .seconds(1))
            let second = startWorker("second")
            try scene.run(until: { reply != nil })
            #expect(reply == "second" && handled == ["second"])
            #expect(scene.elapsed > .seconds(7.5) && scene.elapsed < .seconds(13))
            first.cancel()
            second.cancel()
            client.close()
        }
    }

    @Test("a client repeats its request when there is no worker for longer than its timeout")
    func lateWorker() throws {
        try withTestScene { scene in
            try Broker.start(at: "memory://broker", on: scene.reactor, in: scene.context)
            let client = Client(of: "memory://broker", on: scene.reactor, in: scene.context)
            var retries = 0
            client.onRetry = { retries = $0 }
            var reply: Client.Reply?
            scene.reactor.task { _ in reply = try await client.request("count", "3") }
            scene.run(for: .seconds(15))
            let worker = Worker(for: "count", at: "memory://broker", on: scene.reactor, in: scene.context) {
                request,
                partial in
                let count = request.frame(0)?.decimal ?? 0
                for number in 1..<count { try await partial("\(number)") }
                return "\(count)"
            }
            let work = scene.reactor.task { _ in try await worker.run() }
            try scene.run(until: { reply != nil })
            #expect(retries == 1)
            #expect(reply?.partial == ["1", "2"] && reply?.final == "3")
            work.cancel()
            client.close()
        }
    }
}
