import EventReactor
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// How requests end without a reply, and clients.
@Suite(.hangLimit)
struct RequestClientEndTests {
    @Test("a cancelled request leaves nothing behind, whether it is new, waits, or has been sent")
    func cancelling() throws {
        try withVirtualScene { scene in
            let (router, endpoint, requests) = try scene.silentRouter()
            let (client, _) = try scene.client(to: endpoint) {
                $0.concurrency = 1
                $0.waiting = 100
            }
            let records = Recorder()
            let sent = scene.task(records) { _ in records.add(try await client.request("sent")) }
            try scene.wait(for: 1, entriesOf: requests)
            // Far more than may wait at once: each gives its place back.
            for _ in 0..<1000 {
                let waiting = scene.task(records) { _ in records.add(try await client.request("waiting")) }
                scene.turn()
                waiting.cancel()
                scene.turn()
                #expect(records.takeTexts() == ["ECANCELED"])
            }
            let new = scene.task(records) { _ in records.add(try await client.request("new")) }
            new.cancel()
            scene.turn()
            #expect(records.takeTexts() == ["ECANCELED"])
            scene.task(records) { _ in records.add(try await client.request("next")) }
            sent.cancel()
            try scene.wait(for: 2, entriesOf: requests)
            #expect(records.takeTexts() == ["ECANCELED"])
            for request in requests.messages { try #expect(router.send(request) == .accepted) }
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["next"] && requests.messages.map(\.last.string) == ["sent", "next"])
            #expect(client.statistics.cancelled == 1001 && client.statistics.unexpectedReplies == 1)
        }
    }

    @Test("closing ends pending requests with an error, those that are sent and those that wait, and further ones")
    func closing() throws {
        try withVirtualScene { scene in
            let (_, endpoint, requests) = try scene.silentRouter()
            let (client, socket) = try scene.client(to: endpoint) { $0.concurrency = 1 }
            let records = Recorder()
            for _ in 0..<3 { scene.task(records) { _ in records.add(try await client.request("x")) } }
            try scene.wait(for: 1, entriesOf: requests)
            scene.task(records) { _ in
                await client.close()
                #expect(socket.isClosed)
                await client.close()
                records.add("closed")
                _ = try await client.request("y")
            }
            try scene.wait(for: 5, entriesOf: records)
            #expect(records.texts.sorted() == ["ENOTSOCK", "ENOTSOCK", "ENOTSOCK", "ENOTSOCK", "closed"])
        }
    }

    @Test("closing with a limit waits for replies, and no longer than that")
    func closingInOrder() throws {
        try withVirtualScene { scene in
            let (router, endpoint, requests) = try scene.silentRouter()
            let records = Recorder()
            let (client, _) = try scene.client(to: endpoint)
            scene.task(records) { _ in records.add(try await client.request("x")) }
            try scene.wait(for: 1, entriesOf: requests)
            scene.task(records) { _ in
                await client.close(within: .seconds(10))
                records.add("closed")
            }
            scene.settle()
            scene.task(records) { _ in _ = try await client.request("refused") }
            try scene.wait(for: 1, entriesOf: records)
            try #expect(router.send(requests.messages[0]) == .accepted)
            try scene.wait(for: 3, entriesOf: records)
            #expect(records.texts == ["ENOTSOCK", "x", "closed"])
            #expect(scene.elapsed < .seconds(5))

            let (slow, _) = try scene.client(to: endpoint)
            scene.task(records) { _ in records.add(try await slow.request("y")) }
            try scene.wait(for: 2, entriesOf: requests)
            let start = scene.elapsed
            scene.task(records) { _ in
                await slow.close(within: .seconds(10))
                records.add("closed")
            }
            try scene.run(until: { records.count == 5 }, within: .seconds(20))
            #expect(records.texts.suffix(2).sorted() == ["ENOTSOCK", "closed"])
            #expect(scene.elapsed - start >= .seconds(10))
        }
    }

    @Test("a closing client does not wait for a request whose task is cancelled")
    func cancelledWhileClosing() throws {
        try withVirtualScene { scene in
            let (_, endpoint, requests) = try scene.silentRouter()
            let (client, records) = (try scene.client(to: endpoint).client, Recorder())
            let task = scene.task(records) { _ in records.add(try await client.request("x")) }
            try scene.wait(for: 1, entriesOf: requests)
            scene.task(records) { _ in
                await client.close(within: .seconds(100))
                records.add("closed")
            }
            scene.turn()
            task.cancel()
            try scene.wait(for: 2, entriesOf: records)
            #expect(records.texts == ["ECANCELED", "closed"] && scene.elapsed < .seconds(10))
        }
    }

    @Test("a client that is released closes its socket; one whose socket is closed fails")
    func sockets() throws {
        try withVirtualScene { scene in
            let (_, endpoint, _) = try scene.silentRouter()
            let records = Recorder()
            weak var released: DealerSocket?
            try {
                let (client, socket) = try scene.client(to: endpoint)
                _ = client
                released = socket
            }()
            try scene.wait("its socket") { released == nil }

            let (client, socket) = try scene.client(to: endpoint)
            scene.task(records) { _ in records.add(try await client.request("x")) }
            scene.turn()
            socket.close()
            try scene.wait(for: 1, entriesOf: records)
            scene.task(records) { _ in
                await client.close(); records.add("closed")
            }
            try scene.wait(for: 2, entriesOf: records)
            #expect(records.texts == ["ENOTSOCK", "closed"])
            let closed = RequestClient(using: socket)
            scene.task(records) { _ in records.add(try await closed.request("x")) }
            try scene.wait(for: 3, entriesOf: records)
            #expect(records.texts.last == "ENOTSOCK")
        }
    }

    @Test("a terminated context, a stopped thread and a released reactor end requests", arguments: [0, 1, 2])
    func surroundings(way: Int) async throws {
        let context = Context()
        let thread = try Reactor.start()
        let client = try await RequestClient(to: "inproc://nobody", on: thread.handle, in: context)
        let pending = Task { try await client.request("x") }
        while client.statistics.requests == 0 { try await Task.sleep(for: .milliseconds(1)) }
        let code: ZMQError.Code
        switch way {
        case 0:
            context.terminate { _ in }
            code = .terminated
        case 1:
            thread.stop()
            code = .closed
        default:
            thread.stop()
            await thread.join()
            code = .closed
        }
        let first = await pending.result
        await client.close()
        let second = await Result { try await client.request("y") }
        for result in [first, second] {
            #expect(throws: ZMQError.self) { try result.get() }
            if case .failure(let error as ZMQError) = result { #expect(error.code == code) }
        }
        thread.stop()
        await thread.join()
    }

    @Test("what cannot be connected to is an error of the initializer, and leaves no socket")
    func invalidEndpoint() async throws {
        let (context, thread) = (Context(), try Reactor.start())
        await #expect(throws: ZMQError.self) {
            try await RequestClient(to: "nonsense", on: thread.handle, in: context)
        }
        _ = await context.terminate()
        thread.stop()
        await thread.join()
        await #expect(throws: ReactorError.self) {
            try await RequestClient(to: "inproc://x", on: thread.handle, in: context)
        }
    }

    @Test("any number of requests may wait")
    func unlimited() throws {
        try withVirtualScene { scene in
            let (router, endpoint, requests) = try scene.silentRouter()
            let (client, _) = try scene.client(to: endpoint) { $0.waiting = .max }
            let records = Recorder()
            scene.task(records) { _ in records.add(try await client.request("x")) }
            try scene.wait(for: 1, entriesOf: requests)
            try #expect(router.send(requests.messages[0]) == .accepted)
            try scene.wait(for: 1, entriesOf: records)
            #expect(records.texts == ["x"])
        }
    }

    @Test("a request that is cancelled in the turn in which there is room for it is not sent", arguments: 0..<6)
    func cancelledInTheSameTurn(delay: Int) throws {
        try withVirtualScene { scene in
            let (router, endpoint, requests) = try scene.silentRouter()
            let socket = try scene.dealer { $0.isImmediate = true }
            try socket.connect(endpoint)
            let loop = RequestLoop(socket, concurrency: 1, waiting: 10)
            func request(_ text: String) -> ClientRequest { ClientRequest(Message(text), timeout: nil, retries: 0) }
            let (first, second) = (request("1"), request("2"))
            for request in [first, second] { loop.inbox.submit(request) }
            try scene.wait(for: 1, entriesOf: requests)
            try #expect(router.send(requests.messages[0]) == .accepted)
            for _ in 0..<delay { scene.reactor.run(.nowait) }
            // Submitted work runs after the cancellations of the turn have been taken.
            let (inbox, wasWaiting) = (loop.inbox, Counting())
            scene.reactor.handle.submit { _ in
                guard second.place == .line else { return }
                wasWaiting.add()
                inbox.cancel(second)
            }
            scene.settle()
            #expect(requests.count == 2 - wasWaiting.value)
            #expect(inbox.statistics.cancelled == wasWaiting.value)
        }
    }
}

extension Result where Failure == any Error, Success: Sendable {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

private final class Counting: Sendable {
    private let count = Locked(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}
