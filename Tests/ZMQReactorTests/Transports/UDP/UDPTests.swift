import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

// RADIO and DISH with each other, and with datagrams of any kind, over the loopback interface.
@Suite(.hangLimit, .serialized)
struct UDPTests {
    private static let any = "udp://127.0.0.1:*"

    /// Sends until the DISH has got something, and forgets that.
    private func greet(_ scene: Scene, _ radio: RadioSocket, _ inbox: Recorder, in group: Frame = "hello") throws {
        try scene.run(until: {
            if inbox.count == 0 { try radio.send("?", to: group) }
            return inbox.count > 0
        })
        scene.settle()
        inbox.clear()
    }

    @Test("UDP-1, UDP-3: the groups of a DISH, and no others; each message once", arguments: [0, 1])
    func groups(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let dish = try scene.dish(in: "a", "abc")
            let radio = try scene.open(RadioSocket.self)
            let endpoint = try dish.bind(Self.any)
            try radio.connect(endpoint)
            // It is a member of every group.
            try scene.wait(for: 1, membersOf: radio, in: "whatever")
            for group in ["", "a", "ab", "abc", "abcd", "b"] as [Frame] {
                try radio.send([group, "1"] as Message)
                try radio.send("2", to: group)
            }
            #expect(try scene.receive(4, dish) == ["a|1", "a|2", "abc|1", "abc|2"])
            try dish.join("")
            try dish.leave("a")
            for group in ["a", "", "abc"] as [Frame] { try radio.send("3", to: group) }
            #expect(try scene.receive(2, dish) == ["|3", "abc|3"])
            #expect(dish.statistics.dropped[.notSubscribed] == 9 && dish.statistics.messagesReceived == 15)
            #expect(radio.statistics.messagesSent == 15 && radio.statistics.messagesDropped == 0)
            #expect(radio.peerCount == 1 && dish.peerCount == 1 && dish.lastEndpoint == endpoint)
            #expect(radio.connections[0].bytesSent == dish.connections[0].bytesReceived)
            #expect(radio.connections[0].peer.address == String(endpoint.dropFirst(6)))
        }
    }

    @Test("UDP-1: on the wire there are the size of the group, the group and the body, as libzmq's") func wire() throws
    {
        try withScene { scene in
            let raw = try RawUDP()
            let (radio, dish) = try (scene.open(RadioSocket.self), scene.dish(in: "group", ""))
            try radio.connect(raw.endpoint)
            let bodies: [[UInt8]] = [[], [0], [UInt8](repeating: 7, count: 300), [UInt8](repeating: 8, count: 20_000)]
            try scene.wait(for: 1, membersOf: radio)
            for body in bodies {
                try radio.send(Message(body), to: "group")
                try radio.send(["", Frame(body)] as Message)
            }
            var found: [[UInt8]] = []
            try scene.wait("all") {
                found += raw.take().map(\.bytes)
                return found.count == 2 * bodies.count
            }
            #expect(found == bodies.flatMap { [groupDatagram("group".utf8, $0), groupDatagram([], $0)] })
            let port = try #require(Int(dish.bind(Self.any).split(separator: ":").last ?? ""))
            for body in bodies { raw.send(groupDatagram("group".utf8, body), to: port) }
            for body in bodies { #expect(try scene.receive(dish) == ["group", Frame(body)]) }
        }
    }

    @Test("UDP-1: what passes through the system in one piece are datagrams of their own") func pieces() throws {
        try withScene { scene in
            let (raw, inbox) = (try RawUDP(), Recorder())
            let radios = try (0..<2).map { _ in try scene.open(RadioSocket.self) }
            let dish = try scene.open(DishSocket.self) { inbox.add($1) }
            try dish.join("g")
            try radios[0].connect(raw.endpoint)
            try radios[1].connect(dish.bind(Self.any))
            for radio in radios { try scene.wait(for: 1, membersOf: radio) }
            // Runs of one size, that end with a smaller one, a larger one, or an empty one.
            let sizes =
                Array(repeating: 100, count: 130) + [99, 100, 100, 101, 0, 0, 5, 5, 4, 5, 1400, 1400, 3000, 3000, 1]
            let bodies = sizes.enumerated().map { Pattern.bytes($1, seed: $0) }
            for radio in radios { for body in bodies { try radio.send(Message(body), to: "g") } }
            var found: [[UInt8]] = []
            try scene.wait("all") {
                found += raw.take().map(\.bytes)
                return found.count == bodies.count && inbox.count == bodies.count
            }
            #expect(found == bodies.map { groupDatagram("g".utf8, $0) })
            #expect(inbox.messages.map { Array($0[1]) } == bodies)
            #expect(dish.connections[0].bytesReceived == bodies.reduce(0) { $0 + $1.count + 2 })
        }
    }

    @Test("UDP-4: multicast groups on an interface, by its address and by its name", arguments: ["127.0.0.1", "lo"])
    func multicast(interface: String) throws {
        try withScene { scene in
            let endpoint = "udp://\(interface);\(RawMulticast.group):\(try freePort())"
            let inboxes = [Recorder(), Recorder()]
            // Any number of members on one host.
            let dishes = try inboxes.map { inbox in try scene.open(DishSocket.self) { inbox.add($1) } }
            for dish in dishes {
                #expect(try dish.bind(endpoint) == endpoint)
                for group in ["hello", "g"] as [Frame] { try dish.join(group) }
            }
            let radios = try (0..<2).map { _ in try scene.open(RadioSocket.self) }
            for radio in radios { try radio.connect(endpoint) }
            try greet(scene, radios[0], inboxes[0])
            inboxes[1].clear()
            for (number, radio) in radios.enumerated() { try radio.send("\(number)", to: "g") }
            try scene.wait("all") { inboxes.allSatisfy { $0.count == 2 } }
            for inbox in inboxes { #expect(Set(inbox.texts) == ["g|0", "g|1"]) }
            try dishes[0].unbind(endpoint)
            try radios[0].send("left", to: "g")
            try scene.wait("the other one") { inboxes[1].count == 3 }
            #expect(inboxes[0].count == 2)
        }
    }

    @Test("the options of multicast and of buffers hold for the descriptor") func options() throws {
        try withScene { scene in
            let change: Scene.Change = {
                $0.multicastHops = 7
                $0.multicastLoop = false
                $0.typeOfService = 0x10
                $0.sendBuffer = 20_000
            }
            let (radio, dgram) = try (scene.open(RadioSocket.self, change), scene.open(DgramSocket.self, change))
            try radio.connect("udp://127.0.0.1;\(RawMulticast.group):5555")
            try dgram.bind(Self.any)
            try scene.wait(for: 1, membersOf: radio)
            for socket in [radio, dgram] {
                let link = try #require(socket.pipes.first??.link as? UDPLink)
                func value(_ level: Int, _ option: CInt) -> CInt? {
                    StreamDescriptor.get(level, option, of: link.descriptor.descriptor)
                }
                #expect(value(IPPROTO_IP, IP_MULTICAST_TTL) == 7 && value(IPPROTO_IP, IP_MULTICAST_LOOP) == 0)
                #expect(value(IPPROTO_IP, IP_TOS) == 0x10 && value(Int(SOL_SOCKET), SO_SNDBUF) == 40_000)
            }
        }
    }

    // The second group does not leave the host.
    @Test("UDP-4: IPv6, unicast and multicast", arguments: ["udp://[::1]:*", "udp://eth0;[ff01::4711]:*"])
    func ipv6(endpoint: String) throws {
        try withScene { scene in
            let dish = try scene.dish(in: "g")
            let bound: String
            do {
                bound = try dish.bind(endpoint)
            } catch let error as ZMQError where error.code == .addressNotAvailable || error.code == .noSuchDevice {
                return  // There is no IPv6 on this host.
            }
            let radio = try scene.open(RadioSocket.self)
            try radio.connect(bound)
            try scene.wait(for: 1, membersOf: radio)
            try radio.send("six", to: "g")
            #expect(try scene.receive(dish) == ["g", "six"])
        }
    }

    @Test("UDP-4: the name of a host is looked up in the background") func names() throws {
        try withScene { scene in
            let dish = try scene.dish(in: "g")
            let port = try #require(dish.bind(Self.any).split(separator: ":").last)
            let radio = try scene.open(RadioSocket.self)
            try radio.connect("udp://localhost:\(port)")
            try radio.send("queued", to: "g")
            #expect(radio.memberCount == 0)
            try scene.wait(for: 1, membersOf: radio)
            try radio.send("sent", to: "g")
            #expect(try scene.receive(dish) == ["g", "sent"])
            var delays: [EventReason.Kind] = []
            let lost = try scene.open(RadioSocket.self)
            lost.onEvent = { if case .connectDelayed(_, _, let reason) = $1 { delays.append(reason.kind) } }
            try lost.connect("udp://no-such-host.invalid:5555")
            try scene.wait("a failure") { !delays.isEmpty }
            #expect(delays.first == .unknownHost)
        }
    }

    @Test("UDP-1: messages of every size that fits; a larger one is dropped and counted") func sizes() throws {
        try withScene { scene in
            let inbox = Recorder()
            let dish = try scene.open(DishSocket.self) { inbox.add($1) }
            try dish.join("g")
            let radio = try scene.open(RadioSocket.self)
            var events: [SocketEvent] = []
            radio.onEvent = { if $1.isDisconnect { events.append($1) } }
            try radio.connect(dish.bind(Self.any))
            try scene.wait(for: 1, membersOf: radio)
            let sizes = [0, 1, 253, 254, 255, 256, 1472, 8190, 8192, 9000, 65_000, 65_505]
            for (number, size) in sizes.enumerated() {
                try radio.send(Message(Pattern.bytes(65_506 + number)), to: "g")
                try radio.send(Message(Pattern.bytes(size, seed: size)), to: "g")
                try scene.wait("size \(size)") { inbox.count == number + 1 }
                #expect(Array(inbox.messages[number][1]) == Pattern.bytes(size, seed: size))
            }
            #expect(radio.statistics.dropped[.tooLarge] == sizes.count)
            #expect(radio.statistics.messagesSent == sizes.count)
            #expect(events.count == 1 && events[0].reason?.message.contains("does not fit in a datagram") == true)
        }
    }

    @Test(
        "UDP-2, UDP-6: hostile datagrams end nothing, are counted, and are an event once per second",
        arguments: [0, 1]
    )
    func hostile(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let raw = try RawUDP()
            var events: [SocketEvent] = []
            let dish = try scene.dish(in: "g") { $0.maxMessageSize = 1000 }
            dish.onEvent = { events.append($1) }
            let port = try #require(Int(dish.bind(Self.any).split(separator: ":").last ?? ""))
            let malformed: [[UInt8]] = [
                [], [1], [255], [3, 65, 66], [1, 0], [2, 0, 65, 66], [UInt8](repeating: 255, count: 200),
                [UInt8](repeating: 0xFF, count: 255), Array("GET / HTTP/1.1\r\n".utf8),
            ]
            let foreign: [[UInt8]] = [[0], [0, 1], groupDatagram("h".utf8, []), groupDatagram("gg".utf8, [1])]
            let large = [
                groupDatagram("g".utf8, [UInt8](repeating: 1, count: 1000)),
                groupDatagram("g".utf8, Pattern.bytes(60_000)),
            ]
            for _ in 0..<5 {
                for datagram in malformed + foreign + large { raw.send(datagram, to: port) }
                raw.send(groupDatagram("g".utf8, Array("good".utf8)), to: port)
                #expect(try scene.receive(dish) == ["g", "good"])
            }
            let dropped = dish.statistics.dropped
            #expect(dropped[.malformed] == 5 * malformed.count)
            #expect(dropped[.notSubscribed] == 5 * foreign.count)
            #expect(dropped[.tooLarge] == 5 * large.count && dish.statistics.limits[.messageSize] == 5 * large.count)
            #expect(dropped.total == 5 * (malformed.count + foreign.count + large.count))
            let faults = events.filter(\.isDisconnect)
            #expect((1...2).contains(faults.count))
            #expect(faults[0].peer?.address == raw.address && faults[0].reason?.kind == .protocolError)
            #expect(faults[0].reason?.message == "a datagram is empty")
            #expect(dish.peerCount == 1)
        }
    }

    @Test("UDP-6: the application may close the socket in the event of a fault, and in a message") func closing() throws
    {
        try withScene { scene in
            let raw = try RawUDP()
            let dish = try scene.dish(in: "g")
            dish.onEvent = { if $1.isDisconnect { $0.close() } }
            let port = try #require(Int(dish.bind(Self.any).split(separator: ":").last ?? ""))
            for _ in 0..<200 { raw.send([], to: port) }
            try scene.wait("the end") { dish.isClosed && dish.connections.isEmpty }

            let inbox = Recorder()
            let other = try scene.open(DishSocket.self) { dish, message in
                inbox.add(message)
                dish.close()
            }
            try other.join("g")
            let next = try #require(Int(other.bind(Self.any).split(separator: ":").last ?? ""))
            for _ in 0..<200 { raw.send(groupDatagram("g".utf8, [65]), to: next) }
            try scene.wait("the end") { other.isClosed && other.connections.isEmpty }
            #expect(inbox.texts == ["g|A"])
        }
    }

    @Test("UDP-4: nothing at the address, and what is sent to a RADIO, end nothing") func silence() throws {
        try withScene { scene in
            var raw: RawUDP? = try RawUDP()
            let radio = try scene.open(RadioSocket.self)
            let endpoint = raw!.endpoint
            try radio.connect(endpoint)
            try scene.wait(for: 1, membersOf: radio)
            try radio.send("x", to: "g")
            var found: [(bytes: [UInt8], port: Int)] = []
            try scene.wait("the datagram") {
                found += raw!.take()
                return !found.isEmpty
            }
            for _ in 0..<10 { raw!.send([1, 2, 3], to: found[0].port) }
            try scene.wait("their end") { radio.statistics.dropped[.unexpected] == 10 }
            raw = nil
            for _ in 0..<100 {
                try radio.send("y", to: "g")
                scene.settle(.milliseconds(1))
            }
            #expect(radio.peerCount == 1)
            let dish = try scene.dish(in: "g")
            try dish.bind(endpoint)
            try scene.run(until: {
                try radio.send("z", to: "g")
                return try dish.tryReceive() == ["g", "z"]
            })
        }
    }

    @Test("a RADIO has udp and tcp members at the same time, and connects once to each", arguments: [0, 1])
    func mixed(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let (radio, far, near) = try (scene.open(RadioSocket.self), scene.dish(in: "g"), scene.dish(in: "g"))
            try scene.connect(near, to: radio)
            let endpoint = try far.bind(Self.any)
            for _ in 0..<2 { try radio.connect(endpoint) }
            try scene.wait(for: 2, membersOf: radio, in: "g")
            let large = Message(Pattern.bytes(100_000))
            for body in ["1", large, "2"] as [Message] { try radio.send(body, to: "g") }
            #expect(try scene.receive(2, far) == ["g|1", "g|2"])
            #expect(try scene.receive(near) == ["g", "1"])
            #expect(try scene.receive(near)[1].count == 100_000)
            #expect(try scene.receiveAll(far).isEmpty && radio.statistics.dropped[.tooLarge] == 1)
            // A DISH is bound to several endpoints, of both kinds.
            try radio.connect(near.bind(Self.any))
            try scene.wait(for: 3, membersOf: radio, in: "g")
            try radio.send("3", to: "g")
            #expect(try scene.receive(3, near) == ["g|2", "g|3", "g|3"])
            try radio.disconnect(endpoint)
            try scene.wait(for: 2, membersOf: radio, in: "g")
        }
    }

    @Test("LNG: closing and disconnecting send what is queued", arguments: [true, false])
    func linger(closes: Bool) throws {
        try withScene { scene in
            let raw = try RawUDP()
            let radio = try scene.open(RadioSocket.self)
            try radio.connect(raw.endpoint)
            try scene.wait(for: 1, membersOf: radio)
            for number in 0..<50 { try radio.send("\(number)", to: "g") }
            var unsent: Int?
            if closes {
                unsent = try scene.close(radio).unsentMessages
            } else {
                try radio.disconnect(raw.endpoint) { unsent = $0.unsentMessages }
                try scene.wait("the end") { unsent != nil }
            }
            #expect(unsent == 0 && raw.take().count == 50)
        }
    }

    @Test("a handle sends from other threads") func handles() throws {
        try withScene { scene in
            let dish = try scene.dish(in: "g")
            let radio = try scene.open(RadioSocket.self)
            try radio.connect(dish.bind(Self.any))
            try scene.wait(for: 1, membersOf: radio)
            let handle = radio.handle
            startThread { for number in 0..<100 { _ = try? handle.send("\(number)", to: "g") } }
            for number in 0..<100 { #expect(try scene.receive(dish).text == "g|\(number)") }
        }
    }

    @Test("UDP-6: no descriptor is left of endpoints that were bound and connected") func ending() async {
        await #expect(processExitsWith: .success) {
            func sockets() -> Int { ProcessResources.openDescriptors().values.count { $0.hasPrefix("socket:") } }
            let before = sockets()
            for _ in 0..<3 {
                try withScene { scene in
                    let (radio, dish) = try (scene.open(RadioSocket.self), scene.dish(in: "g"))
                    try radio.connect(dish.bind("udp://127.0.0.1:*"))
                    _ = try scene.open(DgramSocket.self).bind("udp://127.0.0.1:*")
                    for _ in 0..<10 { try radio.send("x", to: "g") }
                    scene.settle()
                }
            }
            #expect(sockets() == before)
        }
    }
}
