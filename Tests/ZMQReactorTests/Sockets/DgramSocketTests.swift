import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct DgramSocketTests {
    private static let any = "udp://127.0.0.1:*"

    private func port(_ endpoint: String) throws -> Int { try #require(Int(endpoint.split(separator: ":").last ?? "")) }

    /// The address of a bound socket, as others call it.
    private func address(_ endpoint: String) -> Frame { Frame(String(endpoint.dropFirst(6))) }

    @Test("DGM-1: address and body, both ways, and back as they came", arguments: [0, 1])
    func exchange(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let (one, other) = try (scene.open(DgramSocket.self), scene.open(DgramSocket.self))
            let (here, there) = try (address(one.bind(Self.any)), address(other.bind(Self.any)))
            let bodies = [0, 1, 255, 256, 1400, 9000, 65_507].map { Frame(Pattern.bytes($0, seed: $0)) }
            for body in bodies {
                #expect(try one.send([there, body] as Message) == .accepted)
                let message = try scene.receive(other)
                #expect(message == [here, body])
                #expect(try other.send(message) == .accepted)
                #expect(try scene.receive(one) == [there, body])
                #expect(try one.send(Message(Array(body)), to: there) == .accepted)
                #expect(try scene.receive(other) == [here, body])
            }
            #expect(try one.send("text", to: there) == .accepted)
            #expect(try scene.receive(other) == [here, "text"])
            #expect(one.peerCount == 1 && one.connections[0].peerType == .dgram)
            #expect(one.statistics.messagesDropped == 0)
        }
    }

    @Test("DGM-1: on the wire there is the body alone") func wire() throws {
        try withScene { scene in
            let raws = [try RawUDP(), try RawUDP()]
            let dgram = try scene.open(DgramSocket.self)
            let port = try port(dgram.bind(Self.any))
            for raw in raws {
                for body in [[], [0], [1, 2, 3], [UInt8](repeating: 4, count: 2000)] as [[UInt8]] {
                    raw.send(body, to: port)
                    #expect(try scene.receive(dgram) == [Frame(raw.address), Frame(body)])
                    #expect(try dgram.send(Message(body), to: Frame(raw.address)) == .accepted)
                    var found: [(bytes: [UInt8], port: Int)] = []
                    try scene.wait("the datagram") {
                        found += raw.take()
                        return !found.isEmpty
                    }
                    #expect(found.count == 1 && found[0].bytes == body && found[0].port == port)
                }
            }
        }
    }

    @Test("DGM-1: a handler and a closure answer") func handlers() throws {
        try withScene { scene in
            let inbox = Recorder()
            let client = try scene.open(DgramSocket.self, handler: inbox)
            let server = try scene.open(DgramSocket.self) { server, message in _ = try? server.send(message) }
            let there = try address(server.bind(Self.any))
            try client.bind(Self.any)
            for number in 0..<100 { #expect(try client.send("\(number)", to: there) == .accepted) }
            try scene.wait("all answers") { inbox.count == 100 }
            #expect(inbox.texts == (0..<100).map { "\(there)|\($0)" })
            server.pause()
            #expect(try client.send("later", to: there) == .accepted)
            scene.settle()
            #expect(inbox.count == 100)
            server.resume()
            try scene.wait("the answer") { inbox.count == 101 }
        }
    }

    @Test("DGM-3: before it is bound a send would block; then the socket is writable") func unbound() throws {
        try withScene { scene in
            let (recorder, raw) = (Recorder(), try RawUDP())
            let dgram = try scene.open(DgramSocket.self, handler: recorder)
            #expect(try dgram.send("early", to: Frame(raw.address)) == .wouldBlock)
            #expect(recorder.writableCount == 0)
            let endpoint = try dgram.bind(Self.any)
            #expect(recorder.writableCount == 1)
            #expect(try dgram.send("now", to: Frame(raw.address)) == .accepted)
            try scene.wait("it") { raw.take().map(\.bytes) == [Array("now".utf8)] }
            try dgram.unbind(endpoint)
            #expect(try dgram.send("late", to: Frame(raw.address)) == .wouldBlock)
        }
    }

    @Test("DGM-2: it is bound to one endpoint at a time") func oneEndpoint() throws {
        try withScene { scene in
            let dgram = try scene.open(DgramSocket.self)
            let endpoint = try dgram.bind(Self.any)
            let error = #expect(throws: ZMQError.self) { try dgram.bind(Self.any) }
            #expect(error?.code == .wrongState)
            #expect(error?.message == "a DGRAM socket is bound to one endpoint at a time")
            #expect(dgram.connections.count == 1)
            for _ in 0..<3 {
                try dgram.unbind(endpoint)
                #expect(try dgram.bind(endpoint) == endpoint)
            }
            let raw = try RawUDP()
            raw.send([65], to: try port(endpoint))
            #expect(try scene.receive(dgram)[1] == "A")
        }
    }

    @Test("DGM-3: what cannot be a datagram is an error of the call, and nothing is sent") func errors() throws {
        try withScene { scene in
            let dgram = try scene.open(DgramSocket.self)
            try dgram.bind(Self.any)
            let tooLarge = Message(Pattern.bytes(65_508))
            for (call, code, reason) in [
                ({ try dgram.send("body") }, .invalidArgument, "address and body"),
                ({ try dgram.send(["127.0.0.1:1", "a", "b"] as Message) }, .invalidArgument, "address and body"),
                ({ try dgram.send(["a", "b"] as Message, to: "127.0.0.1:1") }, .invalidArgument, "one frame"),
                (
                    { try dgram.send("x", to: "localhost:5555") }, .invalidArgument,
                    "\"localhost:5555\" is not a numeric"
                ),
                ({ try dgram.send(["", "x"] as Message) }, .invalidArgument, "is not a numeric"),
                ({ try dgram.send("x", to: "127.0.0.1:0") }, .invalidArgument, "is not a numeric"),
                ({ try dgram.send("x", to: "a\nb") }, .invalidArgument, "a\\nb"),
                ({ try dgram.send(tooLarge, to: "127.0.0.1:1") }, .messageTooLong, "at most 65507 bytes"),
            ] as [(() throws -> SendResult, ZMQError.Code, String)] {
                let error = #expect(throws: ZMQError.self) { _ = try call() }
                #expect(
                    error?.code == code && error?.message.contains(reason) == true,
                    "\(error.map { "\($0)" } ?? "")"
                )
            }
            #expect(dgram.messagesQueued == 0 && dgram.statistics.messagesSent == 0)
            try scene.close(dgram)
            let error = #expect(throws: ZMQError.self) { try dgram.send("x", to: "127.0.0.1:1") }
            #expect(error?.code == .closed)
        }
    }

    @Test("DGM-3, UDP-6: what the system does not send is dropped and counted, and the rest is sent") func unsendable()
        throws
    {
        try withScene { scene in
            let raw = try RawUDP()
            var events: [SocketEvent] = []
            let dgram = try scene.open(DgramSocket.self)
            dgram.onEvent = { if $1.isDisconnect { events.append($1) } }
            try dgram.bind(Self.any)
            for number in 0..<10 {
                // An address of the other family, and one that a socket of the loopback network does not reach.
                for address in ["[2001:db8::1]:5555", "203.0.113.1:5555"] as [Frame] {
                    #expect(try dgram.send("lost", to: address) == .accepted)
                }
                #expect(try dgram.send("\(number)", to: Frame(raw.address)) == .accepted)
            }
            var found: [String] = []
            try scene.wait("the others") {
                found += raw.take().map { String(decoding: $0.bytes, as: UTF8.self) }
                return found.count == 10
            }
            #expect(found == (0..<10).map { "\($0)" })
            #expect(dgram.statistics.dropped[.noSuchPeer] == 20 && dgram.peerCount == 1)
            #expect(events.count == 1 && events[0].peer?.address == "[2001:db8::1]:5555")
        }
    }

    @Test("DGM-3, HWM: the receive mark is exact, and the rest waits in the system's buffer") func receiveMark() throws
    {
        try withScene { scene in
            let raw = try RawUDP()
            let dgram = try scene.open(DgramSocket.self) { $0.receiveHighWaterMark = 3 }
            let port = try port(dgram.bind(Self.any))
            for number in 0..<100 { raw.send([UInt8(number)], to: port) }
            scene.settle()
            #expect(dgram.messagesWaiting == 3)
            for number in 0..<100 { #expect(try scene.receive(dgram)[1] == Frame([UInt8(number)])) }
        }
    }

    @Test("tasks send when it is bound, and receive") func tasks() throws {
        try withScene { scene in
            let records = Recorder()
            let (one, other) = try (scene.open(DgramSocket.self), scene.open(DgramSocket.self))
            let there = try address(other.bind(Self.any))
            scene.task(records) { _ in
                try await one.sendWhenReady("first", to: there)
                try await one.sendWhenReady([there, "second"] as Message)
                records.add("sent")
                _ = try await one.receive(within: .milliseconds(20))
            }
            scene.task(records) { _ in
                for try await message in other.messages { records.add(message[1].string) }
            }
            scene.settle()
            #expect(records.texts.isEmpty)
            try one.bind(Self.any)
            try scene.wait(for: 4, entriesOf: records)
            #expect(Set(records.texts) == ["sent", "first", "second", "ETIMEDOUT"])
            try scene.close(other)
            try scene.wait(for: 5, entriesOf: records)
            #expect(records.texts.last == "ENOTSOCK")
        }
    }

    @Test("frame by frame") func frames() throws {
        try withScene { scene in
            let (one, other) = try (scene.open(DgramSocket.self), scene.open(DgramSocket.self))
            let (here, there) = try (address(one.bind(Self.any)), address(other.bind(Self.any)))
            #expect(try one.send(there, more: true) == .accepted && one.send("body", more: false) == .accepted)
            var first: (frame: Frame, more: Bool)?
            try scene.wait("a frame") {
                first = try other.tryReceiveFrame()
                return first != nil
            }
            #expect(first?.frame == here && first?.more == true)
            let last = try #require(try other.tryReceiveFrame())
            #expect(last.frame == "body" && !last.more)
        }
    }

    @Test("a proxy sends what a DEALER, and what another DGRAM, has for an address") func proxies() throws {
        try withScene { scene in
            let raw = try RawUDP()
            let (front, back) = try (scene.open(DealerSocket.self), scene.open(DgramSocket.self))
            let client = try scene.open(DealerSocket.self)
            try scene.connect(client, to: front)
            try back.bind(Self.any)
            let proxy = try Proxy(frontend: front, backend: back)
            #expect(try client.send([Frame(raw.address), "hello"] as Message) == .accepted)
            #expect(try client.send("no address") == .accepted)
            var found: [(bytes: [UInt8], port: Int)] = []
            try scene.wait("the datagram") {
                found += raw.take()
                return !found.isEmpty && back.statistics.dropped[.malformed] == 1
            }
            raw.send(Array("back".utf8), to: found[0].port)
            #expect(try scene.receive(client) == [Frame(raw.address), "back"])
            withExtendedLifetime(proxy) {}
        }
    }

    @Test("DGM-1: IPv6, and IPv4 at an endpoint of both") func families() throws {
        try withScene { scene in
            let one = try scene.open(DgramSocket.self)
            guard (try? one.bind("udp://[::1]:*")) != nil else { return }
            let other = try scene.open(DgramSocket.self) { $0.usesIPv6 = true }
            let port = try port(other.bind("udp://*:*"))
            #expect(try one.send("six", to: Frame("[::1]:\(port)")) == .accepted)
            let message = try scene.receive(other)
            #expect(message[0].string.hasPrefix("[::1]:") && message[1] == "six")
            #expect(try other.send(message) == .accepted)
            #expect(try scene.receive(one)[1] == "six")
            let raw = try RawUDP()
            raw.send([52], to: port)
            #expect(try scene.receive(other) == [Frame(raw.address), "4"])
            #expect(try other.send("four", to: Frame(raw.address)) == .accepted)
            try scene.wait("the answer") { raw.take().map(\.bytes) == [Array("four".utf8)] }
        }
    }

    @Test("DGM-2: it receives from a multicast group to which it is bound, and sends to one") func multicast() throws {
        try withScene { scene in
            let (member, sender) = try (scene.open(DgramSocket.self), scene.open(DgramSocket.self))
            let port = try freePort()
            let group = "udp://127.0.0.1;\(RawMulticast.group):\(port)"
            #expect(try member.bind(group) == group)
            let raw = try RawMulticast(port: port)
            raw.send(Array("raw".utf8))
            #expect(try scene.receive(member)[1] == "raw")
            try sender.bind("udp://127.0.0.1;\(RawMulticast.group):\(freePort())")
            #expect(try sender.send("group", to: Frame("\(RawMulticast.group):\(port)")) == .accepted)
            #expect(try scene.receive(member)[1] == "group")
        }
    }
}
