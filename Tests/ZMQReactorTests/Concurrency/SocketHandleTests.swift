import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A thread whose end can be awaited.
private final class TestThread: Sendable {
    private let end = Locked(false)

    init(_ body: @escaping @Sendable () -> Void) {
        startThread { [end] in
            body()
            end.withLock { $0 = true }
        }
    }

    var hasEnded: Bool { end.withLock { $0 } }
}

/// Runs tasks on the loop of another thread, and stops it.
private func withTasks(
    _ tasks: [@Sendable () async throws -> Void],
    _ body: () throws -> Void
) throws {
    let thread = try Reactor.start(named: "tasks") { reactor in
        for task in tasks { reactor.task { _ in try await task() } }
    }
    defer {
        thread.stop()
        thread.join()
    }
    try body()
}

/// Sending from other threads and tasks.
@Suite(.hangLimit)
struct SocketHandleTests {
    /// Runs the scene until all threads have ended.
    fileprivate func run(_ scene: Scene, _ threads: [TestThread]) throws {
        try scene.run(until: { threads.allSatisfy(\.hasEnded) }, "the threads", within: .seconds(60))
    }

    private static func numbered(_ stream: Int, _ number: Int) -> Message {
        Message(NumberedMessage(stream: stream, number: number).bytes(size: 20))
    }

    /// Checks that each stream is complete and in order.
    private func verify(_ bodies: [Frame], streams: Int, count: Int) throws {
        var next = [Int](repeating: 0, count: streams)
        for body in bodies {
            let message = try #require(NumberedMessage(body))
            #expect(message.number == next[message.stream])
            next[message.stream] += 1
        }
        #expect(next == [Int](repeating: count, count: streams))
    }

    @Test(
        "TS-5: any number of threads send with CLIENT, SCATTER and CHANNEL, each in order and none lost",
        arguments: [Road.tcp, .inproc],
        [0, 1]
    )
    func threads(road: Road, ioThreads: Int) throws {
        try check(ClientSocket.self, ServerSocket.self, road, ioThreads)
        try check(ScatterSocket.self, GatherSocket.self, road, ioThreads)
        try check(ChannelSocket.self, ChannelSocket.self, road, ioThreads)
        try check(PushSocket.self, PullSocket.self, road, ioThreads)
        try check(DealerSocket.self, DealerSocket.self, road, ioThreads)
        try check(PairSocket.self, PairSocket.self, road, ioThreads)
    }

    private func check<Sender: ShareableSocket & HandledSocket, Receiver: ClosureSocket>(
        _ type: Sender.Type,
        _ receiverType: Receiver.Type,
        _ road: Road,
        _ ioThreads: Int
    ) throws {
        let (streams, count) = (4, 500)
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let sender = try scene.open(type) { $0.sendHighWaterMark = 10 }
            var bodies: [Frame] = []
            let receiver = try scene.open(receiverType) { bodies.append($1.last) }
            try receiver.bind(road.endpoint)
            try scene.connect(sender, to: receiver)
            let handle = sender.handle
            let blocked = Locked(0)
            let threads = (0..<streams).map { stream in
                TestThread {
                    for number in 0..<count {
                        while try! handle.send(Self.numbered(stream, number)) == .wouldBlock {
                            blocked.withLock { $0 += 1 }
                            sched_yield()
                        }
                    }
                }
            }
            try run(scene, threads)
            try scene.wait("all messages") { bodies.count == streams * count }
            try verify(bodies, streams: streams, count: count)
            #expect(sender.statistics.messagesDropped == 0)
        }
    }

    @Test("TS-5: tasks of any executor wait for room, in turn", arguments: [0, 1])
    func tasks(ioThreads: Int) throws {
        let (streams, count) = (8, 200)
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let client = try scene.open(ClientSocket.self) { $0.sendHighWaterMark = 2 }
            var bodies: [Frame] = []
            let server = try scene.open(ServerSocket.self) { bodies.append($1[1]) }
            try scene.connect(client, to: server)
            let handle = client.handle
            let tasks = (0..<streams).map { stream -> @Sendable () async throws -> Void in
                { for number in 0..<count { try await handle.sendWhenReady(Self.numbered(stream, number)) } }
            }
            try withTasks(tasks) {
                try scene.run(until: { bodies.count == streams * count }, "all messages", within: .seconds(60))
            }
            try verify(bodies, streams: streams, count: count)
        }
    }

    @Test("SRV-7, TS-5: the handle of a SERVER has room for each client; a slow one holds back no other")
    func slowClient() throws {
        try withScene { scene in
            let server = try scene.open(ServerSocket.self) { $0.sendHighWaterMark = 2 }
            let slow = try scene.rawPeer("CLIENT", of: server, receiveBuffer: 1)
            let slowID = server.idOfPeer
            let fast = try scene.open(ClientSocket.self)
            try scene.connect(fast, to: server)
            let fastID = server.peers.numbers.map { Frame(integer: $0) }.first { $0 != slowID }!
            let (handle, large) = (server.handle, Message([UInt8](repeating: 1, count: 1_000_000)))
            var accepted = 0
            while try handle.send(large, to: slowID) == .accepted {
                accepted += 1
                scene.settle(.milliseconds(5))
            }
            // Two of the handle, two of the socket, and those in the buffers of the operating system.
            #expect(accepted >= 4 && accepted <= 30)
            for number in 0..<10 {
                #expect(try handle.send("\(number)", to: fastID) == .accepted)
                #expect(try scene.receive(fast).string == "\(number)")
            }
            #expect(try handle.send(large, to: slowID) == .wouldBlock)
            // Its end frees what was queued for it, and ends sends that wait.
            let outcome = Locked<ZMQError.Code?>(nil)
            let outbox = server.outlet!.outbox
            let send: @Sendable () async -> Void = {
                do throws(ZMQError) {
                    try await handle.sendWhenReady(large, to: slowID)
                } catch {
                    outcome.withLock { $0 = error.code }
                }
            }
            try withTasks([send]) {
                try scene.run(until: { outbox.waiting(for: slowID.integer()!) == 1 })
                slow.reset()
                try scene.run(until: { outcome.withLock { $0 } == .hostUnreachable })
            }
            let error = #expect(throws: ZMQError.self) { try handle.send("x", to: slowID) }
            #expect(error?.code == .hostUnreachable)
            scene.settle()
            #expect(server.outlet!.count == 0)
            #expect(server.statistics.dropped[.peerGone] + server.statistics.messagesSent - 10 == accepted)
        }
    }

    @Test("PER-1, SRV-6: the handle knows the peers that come later, and an endpoint from its connect on")
    func laterPeers() throws {
        try withScene { scene in
            let (one, two) = try (scene.open(PeerSocket.self), scene.open(PeerSocket.self))
            let (handle, other) = (one.handle, two.handle)
            let id = try one.connectPeer(scene.endpoint(of: two))
            #expect(try handle.send("hello", to: id) == .accepted)
            let message = try scene.receive(two)
            #expect(message[1] == "hello")
            #expect(try other.send([message[0], "reply"] as Message) == .accepted)
            #expect(try scene.receive(one) == [id, "reply"])
            for unknown in ["", "abcd", Frame(integer: UInt32(0))] as [Frame] where unknown != id {
                let error = #expect(throws: ZMQError.self) { try handle.send("x", to: unknown) }
                #expect(error?.code == .hostUnreachable)
            }
        }
    }

    @Test("RAD-1: threads send to groups with RADIO")
    func radio() throws {
        try withScene { scene in
            let radio = try scene.open(RadioSocket.self)
            let dish = try scene.dish(in: "g")
            try scene.connect(dish, to: radio)
            try scene.wait(for: 1, membersOf: radio)
            let handle = radio.handle
            let thread = TestThread {
                for group in ["f", "g", "h"] as [Frame] { _ = try! handle.send("from a thread", to: group) }
            }
            #expect(try scene.receive(dish) == ["g", "from a thread"])
            try run(scene, [thread])
            let error = #expect(throws: ZMQError.self) { try handle.send("x", to: Frame([0])) }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test("HWM-03: a handle accepts as much as the mark, beside the queue of the socket", .nothingMovesByItself)
    func bound() throws {
        try withTimedScene { scene in
            let client = try scene.open(ClientSocket.self) { $0.sendHighWaterMark = 3 }
            let handle = client.handle
            func fill() throws -> Int {
                var count = 0
                while try handle.send("\(count)") == .accepted { count += 1 }
                return count
            }
            #expect(try fill() == 3)
            scene.settle()
            #expect(try handle.send("more") == .wouldBlock)
            #expect(client.messagesQueued == 3)
            let endpoint = try scene.freshEndpoint()
            try client.connect(endpoint)
            scene.settle()
            #expect(try fill() == 3)
            scene.settle()
            #expect(try handle.send("more") == .wouldBlock)
            #expect(try client.send("more") == .wouldBlock)
            #expect(client.messagesQueued == 6)
            let server = try scene.open(ServerSocket.self)
            try server.bind(endpoint)
            #expect(try (0..<6).map { _ in try scene.receive(server)[1].string } == ["0", "1", "2", "0", "1", "2"])
        }
    }

    @Test("a handler that sends at each chance, and the handle, both get room", .nothingMovesByItself)
    func turns() throws {
        try withTimedScene { scene in
            let greedy = Recorder(onWritable: { socket in
                while (try? (socket as! ClientSocket).send("handler")) == .accepted {}
            })
            let client = try scene.open(ClientSocket.self, { $0.sendHighWaterMark = 4 }, handler: greedy)
            let server = try scene.open(ServerSocket.self)
            try scene.connect(client, to: server)
            while try client.send("handler") == .accepted {}
            for _ in 0..<4 { #expect(try client.handle.send("handle") == .accepted) }
            var texts: [String] = []
            try scene.wait("the handle's") {
                while let message = try server.tryReceive() { texts.append(message[1].string) }
                return texts.count { $0 == "handle" } == 4
            }
            #expect(texts.contains("handler"))
        }
    }

    @Test("what a handle has accepted is sent when the socket closes, even beyond its mark", arguments: [0, 1])
    func closing(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            for isPeer in [false, true] {
                let options: Scene.Change = { ($0.sendHighWaterMark, $0.linger) = (2, .untilSent) }
                let client: any ShareableSocket & Socket =
                    isPeer ? try scene.open(PeerSocket.self, options) : try scene.open(ClientSocket.self, options)
                let server: Socket = isPeer ? try scene.open(PeerSocket.self) : try scene.open(ServerSocket.self)
                let endpoint = try Road.ipc.freshEndpoint()
                var front: [Frame] = []
                if let peer = client as? PeerSocket {
                    front = [try peer.connectPeer(endpoint)]
                } else {
                    try client.connect(endpoint)
                }
                var sent: [String] = []
                func send(_ text: String, _ send: (Message) throws -> SendResult) throws {
                    if try send(Message(frames: front + [Frame(text)])) == .accepted { sent.append(text) }
                }
                for number in 0..<4 { try send("socket \(number)") { try client.send($0) } }
                for number in 0..<4 { try send("handle \(number)") { try sendWithHandle(of: client, $0) } }
                #expect(sent.count == 4)
                var report: CloseReport?
                client.close { report = $0 }
                #expect(throws: ZMQError.self) { try sendWithHandle(of: client, Message(frames: front + ["late"])) }
                try server.bind(endpoint)
                let received = try (0..<4).map { _ in try scene.receive(server as! any ReceivingSocket).last.string }
                #expect(received == sent)
                try scene.wait("the close") { report != nil }
                #expect(report?.unsentMessages == 0)
            }
        }
    }

    private func sendWithHandle<S: ShareableSocket>(of socket: S, _ message: Message) throws -> SendResult {
        try socket.handle.send(message)
    }

    @Test("what a handle has accepted and has no recipient counts as unsent")
    func unsent() throws {
        try withScene { scene in
            let client = try scene.open(ClientSocket.self)
            let handle = client.handle
            for _ in 0..<3 { #expect(try handle.send("nowhere") == .accepted) }
            let waiting = Locked<ZMQError.Code?>(nil)
            try client.configure { $0.linger = .none }
            let report = try scene.close(client)
            #expect(report.unsentMessages == 3 && client.statistics.dropped[.lingerExpired] == 3)
            let error = #expect(throws: ZMQError.self) { try handle.send("late") }
            #expect(error?.code == .closed)
            let send: @Sendable () async -> Void = {
                do throws(ZMQError) {
                    try await handle.sendWhenReady("late")
                } catch {
                    waiting.withLock { $0 = error.code }
                }
            }
            try withTasks([send]) { try scene.run(until: { waiting.withLock { $0 } == .closed }) }
            // A handle made of a closed socket.
            #expect(throws: ZMQError.self) { try client.handle.send("late") }
        }
    }

    @Test("threads that send while the socket closes get an answer to every send", arguments: [0, 1])
    func racingClose(ioThreads: Int) throws {
        for round in 0..<20 {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let client = try scene.open(ClientSocket.self) { $0.linger = .untilSent }
                var count = 0
                let server = try scene.open(ServerSocket.self) { _, _ in count += 1 }
                try scene.connect(client, to: server)
                let (handle, accepted) = (client.handle, Locked(0))
                let threads = (0..<3).map { _ in
                    TestThread {
                        while let result = try? handle.send("x") {
                            if result == .accepted { accepted.withLock { $0 += 1 } } else { sched_yield() }
                        }
                    }
                }
                try scene.wait("some messages") { count > round * 10 }
                var report: CloseReport?
                client.close { report = $0 }
                try run(scene, threads)
                try scene.wait("the rest") { report != nil && count == accepted.withLock { $0 } }
                #expect(report?.unsentMessages == 0 && client.statistics.messagesDropped == 0)
            }
        }
    }
}
