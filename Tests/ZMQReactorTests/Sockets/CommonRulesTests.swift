import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Rules for sockets of every type.
@Suite(.hangLimit)
struct CommonRulesTests {
    @Test(
        "SUB-3, Q-1: a SUB has a queue per publisher, and one that it connects to keeps it while that publisher is away"
    )
    func queuePerPublisher() throws {
        try withScene { scene in
            let sub = try scene.sub()
            try sub.subscribe(to: "")
            let (first, second) = (try scene.pub(), try scene.pub())
            let endpoint = try first.bind(freeEndpoint())
            try sub.connect(endpoint)
            try sub.connect(second.bind(anyPort))
            try scene.run(until: { first.topicCount == 1 && second.topicCount == 1 })
            try first.send("from the first")
            try second.send("from the second")
            try scene.run(until: { sub.messagesWaiting == 2 })
            try scene.close(first)
            try scene.run(until: { sub.peerCount == 1 })
            // Its received messages stay, and so does the queue for when the publisher is back.
            #expect(sub.messagesWaiting == 2 && sub.pipes.compactMap { $0 }.count == 2)
            let again = try scene.pub()
            try again.bind(endpoint)
            try scene.run(until: { again.topicCount == 1 })
            try again.send("again")
            try scene.run(until: { sub.messagesWaiting == 3 })
            var texts: [String] = []
            while let message = try sub.tryReceive() { texts.append(message.string) }
            #expect(texts.sorted() == ["again", "from the first", "from the second"])
        }
    }

    @Test("PAT-02: the same program over every transport", arguments: Road.allCases)
    func transports(road: Road) throws {
        try withScene { scene in
            let endpoint = road.endpoint
            let rep = try scene.rep { $2.send(Message("re: \($1.string)")) }
            let req = try scene.req()
            try req.connect(rep.bind(endpoint))
            var reply: String?
            _ = try req.request("hello") { reply = try? $0.get().string }
            try scene.run(until: { reply == "re: hello" })
        }
    }

    @Test("PAT-11, PAT-12: a pipeline of steps, with a loop in it, and its outcome published")
    func pipeline() throws {
        try withScene { scene in
            let inbox = Recorder()
            let publisher = try scene.pub()
            let subscriber = try scene.sub { inbox.add($1) }
            try subscriber.subscribe(to: "")
            try subscriber.connect(publisher.bind(anyPort))
            try scene.run(until: { publisher.topicCount == 1 })
            // Each number goes round until it has been halved to 1.
            let back = try scene.push()
            let done = try scene.push()
            let step = try scene.pull { _, message in
                let number = message[0].decimal!
                if number == 1 { _ = try? done.send("1") } else { _ = try? back.send("\(number / 2)") }
            }
            let endpoint = try step.bind(anyPort)
            try back.connect(endpoint)
            let sink = try scene.pull { _ = try? publisher.send($1) }
            try done.connect(sink.bind(anyPort))
            let ventilator = try scene.push()
            try ventilator.connect(endpoint)
            for number in [1, 2, 8, 64] { #expect(try ventilator.send("\(number)") == .accepted) }
            try scene.run(until: { inbox.count == 4 })
            #expect(inbox.texts == ["1", "1", "1", "1"])
        }
    }

    @Test("MSG-11, MSG-12, MSG-15, PAT-13: a message is a value: sending does not change it, and it can be sent again")
    func messagesAreValues() throws {
        try withScene { scene in
            let inbox = Recorder()
            let (one, other) = (try scene.pair(), try scene.pair())
            try one.connect(other.bind(anyPort))
            let message: Message = ["a", "b"]
            #expect(try one.send(message) == .accepted)
            #expect(try one.send(message) == .accepted)
            try scene.run(until: {
                while let received = try other.tryReceive() { inbox.add(received) }
                return inbox.count == 2
            })
            #expect(inbox.messages == [message, message] && message == ["a", "b"])
        }
    }

    @Test(
        "MSG-18, MSG-24, SND-06, POL-10: a send queues; nothing is on the wire before the turn ends",
        .nothingMovesByItself
    )
    func sendingQueues() throws {
        try withScene { scene in
            let push = try scene.push()
            let peer = try RawPeer(push.bind(anyPort))
            peer.shakeHands(as: "PULL")
            try scene.run(until: { push.peerCount == 1 })
            peer.poll()
            peer.received = []
            #expect(try push.send("text") == .accepted)
            peer.poll()
            #expect(peer.received.isEmpty && push.messagesQueued == 1)
            try scene.run(until: {
                peer.poll()
                return !peer.received.isEmpty
            })
            // MSG-18: a frame is flags, size and body.
            #expect(peer.received == [0, 4] + Array("text".utf8) && push.messagesQueued == 0)
        }
    }

    @Test("F-7: the frames of two messages do not interleave on the wire, however slowly they are sent")
    func messagesDoNotMix() throws {
        try withTimedScene { scene in
            let push = try scene.push()
            let peer = try scene.rawPeer("PULL", of: push, receiveBuffer: 4096)
            let large = Pattern.bytes(400_000)
            let size = withUnsafeBytes(of: UInt64(large.count).bigEndian) { Array($0) }
            #expect(try push.send(Message(frames: [Frame(large), Frame(large)])) == .accepted)
            // The second is started while the first is being sent.
            #expect(try push.send("a", more: true) == .accepted)
            scene.settle()
            peer.poll()
            #expect(try push.send("b", more: false) == .accepted)
            let expected = [3] + size + large + [2] + size + large + Wire.message([0x61], [0x62])
            try scene.wait("all of it") {
                peer.poll()
                return peer.received.count >= expected.count
            }
            #expect(peer.received == expected)
        }
    }

    @Test("sockets of every type are made and closed, and leave no descriptor behind")
    func everyType() async {
        await #expect(processExitsWith: .success) {
            let (reactor, context) = (try Reactor(), Context())
            let before = ProcessResources.socketAndLoopCount()
            var closed = 0
            var sockets = try MatrixType.all.map { try $0.make(reactor, context, SocketOptions()) }
            sockets += [try StreamSocket(on: reactor, in: context), try DgramSocket(on: reactor, in: context)]
            precondition(Set(sockets.map(\.type)) == Set(SocketType.allCases), "a type is missing in MatrixType.all")
            for socket in sockets {
                switch socket {
                // The other roads of a socket of bytes are those that carry bytes.
                case is StreamSocket: for road in [Road.tcp, .ipc] { try socket.bind(road.endpoint) }
                case is DgramSocket: try socket.bind("udp://127.0.0.1:*")
                default: for road in Road.allCases { try socket.bind(road.endpoint) }
                }
                socket.close { _ in closed += 1 }
            }
            try reactor.run(until: { closed == sockets.count })
            precondition(ProcessResources.socketAndLoopCount() == before)
        }
    }

    @Test("one loop watches a socket and a descriptor, each for its own conditions")
    func socketAndDescriptor() throws {
        try withScene { scene in
            let inbox = Recorder()
            let (push, pull) = try (scene.push(), scene.pull { inbox.add($1) })
            try scene.connect(push, to: pull)
            var ends: [CInt] = [0, 0]
            try #require(pipe(&ends) == 0)
            defer { for end in ends { close(end) } }
            var seen: [Readiness] = []
            let watcher = try scene.reactor.watch(ends[0], for: .readable) { watcher, ready in
                seen.append(ready)
                watcher.cancel()
            }
            #expect(try push.send("x") == .accepted)
            try scene.wait("the message") { inbox.texts == ["x"] }
            #expect(seen.isEmpty && watcher.isActive)
            #expect(write(ends[1], "y", 1) == 1)
            try scene.wait("the descriptor") { seen == [.readable] }
        }
    }

    @Test("POL-09, POL-12: a queued message stays until it is taken, and is always complete")
    func waitingIsALevel() throws {
        try withTimedScene { scene in
            let (push, pull) = (try scene.push(), try scene.pull())
            try push.connect(pull.bind(scene.anyEndpoint))
            for _ in 0..<3 { #expect(try push.send(["a", "b"] as Message) == .accepted) }
            try scene.run(until: { pull.messagesWaiting == 3 })
            scene.settle()
            for left in (0..<3).reversed() {
                #expect(try pull.tryReceive()?.count == 2)
                #expect(pull.messagesWaiting == left)
            }
            #expect(try pull.tryReceive() == nil)
        }
    }

    @Test("POL-15: a flooded socket does not starve another, nor a timer")
    func floodStarvesNoOther() throws {
        try withScene { scene in
            var (flood, quiet, ticks) = (0, 0, 0)
            let flooded = try scene.pull { _, _ in flood += 1 }
            let other = try scene.pull { _, _ in quiet += 1 }
            let source = try scene.push(
                handler: Recorder { push in while (try? push.send("x")) == .accepted {} }
            )
            try source.connect(flooded.bind(anyPort))
            let asker = try scene.push()
            try asker.connect(other.bind(anyPort))
            _ = try source.fill(with: "x")
            let timer = scene.reactor.every(.milliseconds(1)) { _ in
                ticks += 1
                _ = try? asker.send("y")
            }
            try scene.run(until: { flood > 100_000 && quiet >= 20 && ticks >= 20 }, "all three to go on")
            timer.cancel()
        }
    }

    @Test(
        "NOD-03, NOD-07: a burst within the high-water mark loses nothing; beyond it, PUB drops",
        .nothingMovesByItself,
        arguments: [1000, 20_000]
    )
    func burst(mark: Int) throws {
        try withTimedScene { scene in
            let publisher = try scene.pub { $0.sendHighWaterMark = mark }
            let inbox = Recorder()
            let subscriber = try scene.sub { inbox.add($1) }
            try subscriber.subscribe(to: "")
            try subscriber.connect(publisher.bind(scene.anyEndpoint))
            try scene.run(until: { publisher.topicCount == 1 })
            for number in 0..<20_000 { try publisher.send("\(number)") }
            try publisher.send("END")
            #expect(publisher.statistics.messagesDropped == 20_001 - mark)
            try scene.run(until: { inbox.count == mark })
            scene.settle()
            #expect(inbox.count == mark && inbox.texts == (0..<mark).map(String.init))
        }
    }
}
