import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

extension Scene {
    /// A client on the scene's reactor.
    func client(
        to endpoint: String? = nil,
        _ change: (inout RequestClient.Options) -> Void = { _ in }
    ) throws -> (client: RequestClient, socket: DealerSocket) {
        var options = RequestClient.Options()
        change(&options)
        let socket = try dealer { $0.isImmediate = true }
        if let endpoint { try socket.connect(endpoint) }
        return (RequestClient(using: socket, options: options), socket)
    }

    /// A ROUTER that keeps what it receives, for a test that replies itself.
    func silentRouter() throws -> (router: RouterSocket, endpoint: String, requests: Recorder) {
        let requests = Recorder()
        let router = try router { _, message in requests.add(message) }
        return (router, try router.bind(anyEndpoint), requests)
    }
}

/// Requests of many tasks through one socket.
@Suite(.hangLimit)
struct RequestClientTests {
    @Test(
        "each of many requests gets its own reply, in whatever order they come",
        arguments: [Road.tcp, .inproc],
        [0, 1]
    )
    func manyAtOnce(road: Road, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let (count, records) = (300, Recorder())
            var held: [Message] = []
            // Replies to twenty requests at a time, the last one first.
            let router = try scene.router { router, request in
                held.append(request)
                guard held.count == 20 else { return }
                for request in held.reversed() { #expect(try! router.send(request) == .accepted) }
                held = []
            }
            let (client, _) = try scene.client(to: router.bind(road.endpoint))
            for number in 0..<count {
                scene.task(records) { _ in
                    let reply = try await client.request(["\(number)", "body"], timeout: .seconds(20))
                    #expect(reply == ["\(number)", "body"])
                    records.add("ok")
                }
            }
            try scene.wait(for: count, entriesOf: records)
            #expect(records.texts.allSatisfy { $0 == "ok" })
            #expect(client.statistics.requests == count && client.statistics.replies == count)
            #expect(client.statistics.unexpectedReplies == 0)
        }
    }

    @Test("a request looks like that of a REQ that correlates its replies")
    func wireForm() throws {
        try withVirtualScene { scene in
            let (router, endpoint, requests) = try scene.silentRouter()
            let (client, _) = try scene.client(to: endpoint)
            let records = Recorder()
            scene.task(records) { _ in records.add(try await client.request(["a", "b"])) }
            try scene.wait(for: 1, entriesOf: requests)
            let request = requests.messages[0]
            // The routing id, the number, the delimiter and the two frames.
            #expect(request.count == 5 && request[1].count == 4 && request[2].isEmpty)
            #expect(request.dropFirst(3) == ["a", "b"])
            try #expect(router.send(request) == .accepted)
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["a|b"])
        }
    }

    @Test("REP servers, ours and libzmq's, answer; in turn when there are several")
    func servers() throws {
        try withScene { scene in
            let libzmq = try LibzmqPeer(.rep)
            let (client, socket) = try scene.client(to: libzmq.bind())
            let ours = try scene.answering("ours")
            try socket.connect(ours.bind(anyPort))
            try scene.wait("both servers") { socket.peerCount == 2 }
            let echo = try libzmq.echoing(5)
            let records = Recorder()
            for number in 0..<10 { scene.task(records) { _ in records.add(try await client.request("\(number)")) } }
            try scene.wait(for: 10, entriesOf: records)
            #expect(records.texts.count { $0.hasPrefix("ours:") } == 5)
            #expect(records.texts.count { $0.count == 1 } == 5)
            #expect(try scene.reactor.run(until: echo) == 5)
        }
    }

    @Test("a request is made again after its timeout, with the same number, and then fails")
    func retries() throws {
        try withVirtualScene { scene in
            let (router, endpoint, requests) = try scene.silentRouter()
            let (client, socket) = try scene.client(to: endpoint) {
                $0.timeout = .seconds(1)
                $0.retries = 2
            }
            let records = Recorder()
            try scene.wait("the connection") { socket.peerCount == 1 }
            let start = scene.elapsed
            scene.task(records) { _ in records.add(try await client.request("x")) }
            try scene.wait(for: 3, entriesOf: requests)
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["ETIMEDOUT"])
            #expect(scene.elapsed - start >= .seconds(3) && scene.elapsed - start < .seconds(3.1))
            #expect(Set(requests.messages).count == 1)
            // A reply after that finds nothing.
            try #expect(router.send(requests.messages[0]) == .accepted)
            try scene.wait("the late reply") { client.statistics.unexpectedReplies == 1 }

            // The reply to the first attempt answers the request, and the second reply is one too many.
            scene.task(records) { _ in records.add(try await client.request("y")) }
            try scene.wait(for: 5, entriesOf: requests)
            for request in requests.messages[3...] { try #expect(router.send(request) == .accepted) }
            try scene.wait(for: 2, entriesOf: records)
            try scene.wait("the duplicate") { client.statistics.unexpectedReplies == 2 }
            #expect(records.texts.last == "y")
            #expect(client.statistics.retries == 3 && client.statistics.timedOut == 1)
            #expect(socket.statistics.dropped[.unexpected] == 2)
        }
    }

    @Test("without a server a request waits, and times out; it is not sent later")
    func noServer() throws {
        try withVirtualScene { scene in
            let endpoint = try scene.freshEndpoint()
            let (client, _) = try scene.client(to: endpoint)
            let records = Recorder()
            scene.task(records) { _ in _ = try await client.request("old", timeout: .milliseconds(200), retries: 1) }
            scene.task(records) { _ in records.add(try await client.request("new", timeout: .seconds(100))) }
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["ETIMEDOUT"] && scene.elapsed >= .milliseconds(400))
            let rep = try scene.answering()
            try rep.bind(endpoint)
            try scene.wait(for: 2, entriesOf: records)
            #expect(records.texts.last == "re:new" && rep.statistics.messagesReceived == 1)
        }
    }

    @Test("no more requests than the limit are unanswered; the others follow in order, up to a limit")
    func concurrency() throws {
        try withVirtualScene { scene in
            let (router, endpoint, requests) = try scene.silentRouter()
            let (client, _) = try scene.client(to: endpoint) {
                $0.concurrency = 3
                $0.waiting = 5
            }
            let records = Recorder()
            for number in 0..<10 { scene.task(records) { _ in records.add(try await client.request("\(number)")) } }
            try scene.wait(for: 3, entriesOf: requests)
            scene.settle()
            #expect(requests.messages.map(\.last.string) == ["0", "1", "2"])
            #expect(records.texts == ["EAGAIN", "EAGAIN"] && client.statistics.refused == 2)
            for number in 0..<8 {
                try scene.wait(for: number + 1, entriesOf: requests)
                #expect(requests.messages[number].last.string == "\(number)")
                #expect(requests.count <= number + 3)
                try #expect(router.send(requests.messages[number]) == .accepted)
            }
            try scene.wait(for: 10, entriesOf: records)
            #expect(records.texts.dropFirst(2) == ["0", "1", "2", "3", "4", "5", "6", "7"])
        }
    }

    @Test("replies that are no replies are dropped and counted")
    func nonsense() throws {
        try withVirtualScene { scene in
            let (router, endpoint, requests) = try scene.silentRouter()
            let (client, _) = try scene.client(to: endpoint)
            let records = Recorder()
            scene.task(records) { _ in records.add(try await client.request("x")) }
            try scene.wait(for: 1, entriesOf: requests)
            let request = requests.messages[0]
            let (peer, number) = (request[0], request[1])
            let wrong = Frame(number.map { $0 ^ 1 })
            let replies: [Message] = [
                [peer, ""], [peer, "x"], [peer, number], [peer, number, ""], [peer, "", "x"], [peer, wrong, "", "x"],
                [peer, number, "a", "", "x"], [peer, "12345", "", "x"], [peer, "", number, "", "x"],
            ]
            for reply in replies { try #expect(router.send(reply) == .accepted) }
            try scene.wait("all of it") { client.statistics.unexpectedReplies == replies.count }
            #expect(records.count == 0)
            try #expect(router.send(request) == .accepted)
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["x"])
        }
    }
}
