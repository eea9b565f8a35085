#if Multicast
    import Testing
    import ZMQReactorTestSupport
    import ZMQReactorTesting

    @testable import ZMQReactor

    // Our sockets with each other, and with datagrams of any kind, over the loopback interface.
    @Suite(.hangLimit, .serialized)
    struct MulticastTests {
        private struct Group {
            let port: Int
            var endpoint: String { "epgm://127.0.0.1;\(RawMulticast.group):\(port)" }
            init() throws { port = try freePort() }
        }

        /// Sends until the subscriber has got something, and forgets that.
        private func greet(_ scene: Scene, _ pub: PubSocket, _ inboxes: Recorder...) throws {
            for inbox in inboxes {
                try scene.run(until: {
                    if inbox.count == 0 { try pub.send("hello") }
                    return inbox.count > 0
                })
            }
            scene.settle()
            for inbox in inboxes { inbox.clear() }
        }

        @Test(
            "MC-13: bind and connect are the same",
            arguments: [(true, true), (true, false), (false, true), (false, false)]
        )
        func bindingAndConnecting(pubBinds: Bool, subBinds: Bool) throws {
            try withScene { scene in
                let group = try Group()
                let inbox = Recorder()
                let (pub, sub) = (try scene.pub(), try scene.sub { inbox.add($1) })
                try sub.subscribe(to: "")
                if subBinds {
                    #expect(try sub.bind(group.endpoint) == group.endpoint)
                } else {
                    try sub.connect(group.endpoint)
                }
                if pubBinds { try pub.bind(group.endpoint) } else { try pub.connect(group.endpoint) }
                try greet(scene, pub, inbox)
                #expect(pub.peerCount == 1 && sub.peerCount == 1)
                #expect(pub.subscriberCount == 1)
                try pub.send(["a", "b"])
                try pub.send("")
                try scene.wait("two messages") { inbox.count == 2 }
                #expect(inbox.texts == ["a|b", ""])
                #expect(pub.connections.count == 1 && sub.connections.count == 1)
                #expect(pub.connections[0].bytesSent > 0 && sub.connections[0].bytesReceived > 0)
                #expect(pub.connections[0].peer.address == "\(RawMulticast.group):\(group.port)")
            }
        }

        @Test("MC-4: subscribers match for themselves") func subscriptions() throws {
            try withScene { scene in
                let group = try Group()
                let (one, other, raw) = (Recorder(), Recorder(), Recorder())
                let pub = try scene.pub()
                let subs = [try scene.sub { one.add($1) }, try scene.sub { other.add($1) }]
                let xsub = try scene.xsub(handler: raw)
                for (socket, topic) in zip(subs, ["a", "b"]) {
                    try socket.connect(group.endpoint)
                    try socket.subscribe(to: topic)
                    try socket.subscribe(to: "hello")
                }
                try xsub.connect(group.endpoint)
                for topic in ["hello", "b", "c"] { try xsub.send(Message([1] + Array(topic.utf8))) }
                try pub.connect(group.endpoint)
                try greet(scene, pub, one, other, raw)
                for text in ["a1", "b1", "c1"] { try pub.send(Message(text)) }
                try scene.wait("the messages") { one.count == 1 && other.count == 1 && raw.count == 2 }
                try xsub.send(Message([0] + Array("b".utf8)))
                scene.settle()
                for text in ["a2", "b2", "c2"] { try pub.send(Message(text)) }
                try scene.wait("the messages") { one.count == 2 && other.count == 2 && raw.count == 3 }
                #expect(one.texts == ["a1", "a2"])
                #expect(other.texts == ["b1", "b2"])
                #expect(raw.texts == ["b1", "c1", "c2"])
                // What does not match is counted.
                #expect(subs[0].statistics.dropped[.notSubscribed] >= 2)
            }
        }

        @Test("ALL-5, HWM: 20,000 messages arrive in order; the rate holds back, and nothing is lost in the queue")
        func order() throws {
            try withScene { scene in
                let group = try Group()
                var next = 0
                let sub = try scene.sub { _, message in
                    guard message != "hello" else { return }
                    #expect(NumberedMessage(message[0])?.number == next)
                    next += 1
                }
                try sub.subscribe(to: "")
                try sub.connect(group.endpoint)
                let pub = try scene.pub {
                    $0.sendHighWaterMark = 0
                    $0.multicastRate = 400_000
                }
                try pub.connect(group.endpoint)
                try scene.run(until: {
                    try pub.send("hello")
                    return sub.statistics.messagesReceived > 0
                })
                for number in 0..<20_000 { try pub.send(NumberedMessage(number: number).bytes(size: 100)) }
                try scene.run(until: { next == 20_000 }, "all messages", within: .seconds(30))
                #expect(pub.statistics.messagesDropped == 0)
                #expect(sub.statistics.dropped[.malformed] == 0)
            }
        }

        @Test("messages of every size") func sizes() throws {
            try withScene { scene in
                let group = try Group()
                let inbox = Recorder()
                let (pub, sub) = (try scene.pub(), try scene.sub { inbox.add($1) })
                try sub.subscribe(to: "")
                try sub.connect(group.endpoint)
                try pub.connect(group.endpoint)
                try greet(scene, pub, inbox)
                let sizes = [0, 1, 253, 254, 255, 256, 1440, 1446, 1447, 10_000, 1_000_000]
                for size in sizes {
                    let frames = [PeerFrame.pattern(size: size, seed: size), .pattern(size: 3, seed: 1)]
                    try pub.send(Message(frames: frames.map { Frame($0.content) }))
                }
                try scene.run(until: { inbox.count == sizes.count }, within: .seconds(30))
                for (message, size) in zip(inbox.messages, sizes) {
                    #expect(Array(message[0]) == PeerFrame.pattern(size: size, seed: size).content)
                }
            }
        }

        @Test("PUB-10: beyond the rate messages wait up to the mark, and are dropped with a reason") func rate() throws
        {
            try withScene { scene in
                let group = try Group()
                let pub = try scene.pub {
                    $0.sendHighWaterMark = 50
                    $0.multicastRate = 800
                }
                try pub.connect(group.endpoint)
                scene.settle()
                for _ in 0..<1000 { try pub.send(Message([UInt8](repeating: 0, count: 1000))) }
                let statistics = pub.statistics
                #expect(statistics.dropped[.queueFull] >= 900)
                #expect(statistics.dropped.total == statistics.dropped[.queueFull])
                #expect(pub.messagesQueued <= 50)
            }
        }

        @Test("LNG: closing sends what is queued, within the linger", arguments: [true, false])
        func linger(suffices: Bool) throws {
            try withScene { scene in
                let group = try Group()
                let inbox = Recorder()
                let sub = try scene.sub { inbox.add($1) }
                try sub.subscribe(to: "")
                try sub.connect(group.endpoint)
                let pub = try scene.pub {
                    $0.multicastRate = suffices ? 10_000 : 80
                    $0.linger = .atMost(.milliseconds(suffices ? 10_000 : 50))
                }
                try pub.connect(group.endpoint)
                try greet(scene, pub, inbox)
                for _ in 0..<100 { try pub.send(Message([UInt8](repeating: 0, count: 1000))) }
                let report = try scene.close(pub)
                if suffices {
                    #expect(report.unsentMessages == 0)
                    try scene.wait("all messages") { inbox.count == 100 }
                } else {
                    #expect(report.unsentMessages > 50)
                }
            }
        }

        @Test("MC-13: unbinding and disconnecting leave the group") func leaving() throws {
            try withScene { scene in
                let group = try Group()
                let inbox = Recorder()
                let (pub, sub) = (try scene.pub(), try scene.sub { inbox.add($1) })
                try sub.subscribe(to: "")
                for binds in [true, false] {
                    if binds { try sub.bind(group.endpoint) } else { try sub.connect(group.endpoint) }
                    try pub.connect(group.endpoint)
                    try greet(scene, pub, inbox)
                    if binds { try sub.unbind(group.endpoint) } else { try sub.disconnect(group.endpoint) }
                    try pub.disconnect(group.endpoint)
                    try scene.wait("the end") { sub.connections.isEmpty && pub.connections.isEmpty }
                    #expect(sub.peerCount == 0 && pub.subscriberCount == 0)
                }
            }
        }

        @Test("MC-6: datagrams of any kind end neither the socket nor another sender")
        func hostileDatagrams() throws {
            try withScene { scene in
                let group = try Group()
                let raw = try RawMulticast(port: group.port)
                let inbox = Recorder()
                let (pub, sub) = (try scene.pub(), try scene.sub { inbox.add($1) })
                try sub.subscribe(to: "")
                try sub.connect(group.endpoint)
                try pub.connect(group.endpoint)
                try greet(scene, pub, inbox)
                let good = PGMWire.tsdu(0, Wire.message1("good"))
                let lies: [[UInt8]] = [
                    [], [0], Array("GET / HTTP/1.1\r\n\r\n".utf8), [UInt8](repeating: 0xFF, count: 1400),
                    PGMWire.packet(4, [1], to: group.port),
                    PGMWire.data(1, [], to: group.port), PGMWire.data(2, [0], to: group.port),
                    PGMWire.data(3, PGMWire.tsdu(0xFFF0, [1, 0]), to: group.port),
                    PGMWire.data(4, PGMWire.tsdu(0, [0xFF] + [UInt8](repeating: 0xFF, count: 9)), to: group.port),
                    PGMWire.data(0x7FFF_FFF0, good, to: group.port),
                    PGMWire.sourcePath(trail: 0, lead: 0x7FFF_0000, to: group.port),
                    PGMWire.sourcePath(trail: 0, lead: 0xF000_0000, to: group.port),
                    [UInt8](repeating: 7, count: 3000),
                ]
                raw.send(PGMWire.data(0, good, to: group.port))
                for lie in lies { raw.send(lie) }
                try pub.send("after")
                try scene.wait("the message behind them") { inbox.texts.contains("after") }
                // The liar itself is joined again.
                raw.send(PGMWire.data(0x1000_0000, good, to: group.port))
                let before = inbox.count
                try scene.wait("the sender that lied") { inbox.count > before }
                #expect(sub.statistics.dropped[.malformed] >= 6)
                #expect(sub.statistics.dropped[.lost] > 0)
            }
        }

        @Test("MC-12: senders beyond the limit are counted and reported") func senderLimit() throws {
            try withScene { scene in
                let group = try Group()
                let raw = try RawMulticast(port: group.port)
                var events: [SocketEvent] = []
                let inbox = Recorder()
                let sub = try scene.sub({ $0.limits.multicastSenders = 3 }) { inbox.add($1) }
                sub.onEvent = { events.append($1) }
                try sub.subscribe(to: "")
                try sub.connect(group.endpoint)
                for number in 1...10 as ClosedRange<UInt8> {
                    let data = PGMWire.tsdu(0, Wire.message1("\(number)"))
                    raw.send(PGMWire.data(0, data, to: group.port, source: [number, 0, 0, 0, 0, 0]))
                }
                try scene.wait("the limit") { sub.statistics.limits[.multicastSenders] == 7 }
                #expect(inbox.texts == ["1", "2", "3"])
                #expect(events.count { $0.reason?.limit == .multicastSenders } == 1)
                #expect(events.count { if case .handshakeSucceeded = $0 { true } else { false } } == 3)
            }
        }

        @Test("MC-7, MC-10: what a subscriber misses is repaired") func repair() throws {
            try withScene { scene in
                let group = try Group()
                let raw = try RawMulticast(port: group.port)
                let inbox = Recorder()
                let sub = try scene.sub { inbox.add($1) }
                try sub.subscribe(to: "")
                try sub.connect(group.endpoint)
                // A sender of which a packet is lost: the subscriber asks by unicast, and the test repairs unasked.
                func datum(_ number: UInt32, isRepair: Bool = false) -> [UInt8] {
                    let data = PGMWire.tsdu(0, Wire.message1("\(number)"))
                    return PGMWire.data(number, data, to: group.port, isRepair: isRepair)
                }
                for number in [0, 1, 3, 4] as [UInt32] { raw.send(datum(number)) }
                try scene.wait("the first ones") { inbox.count == 2 }
                scene.settle()
                raw.send(datum(2, isRepair: true))
                try scene.wait("all") { inbox.count == 5 }
                #expect(inbox.texts == ["0", "1", "2", "3", "4"])

                // Our publisher is asked, and answers the group.
                let pub = try scene.pub()
                try pub.connect(group.endpoint)
                try pub.send("precious")
                var packets: [[UInt8]] = []
                try scene.wait("the packet") {
                    packets += raw.take()
                    return packets.contains { $0[4] == 4 && $0.count == 36 }
                }
                let packet = packets.last { $0[4] == 4 && $0.count == 36 }
                guard let packet else {
                    Issue.record("no packet in \(packets)")
                    return
                }
                let request = PGMWire.missing(
                    [
                        UInt32(packet[16]) << 24 | UInt32(packet[17]) << 16 | UInt32(packet[18]) << 8
                            | UInt32(packet[19])
                    ],
                    to: Int(packet[0]) << 8 | Int(packet[1]),
                    from: group.port,
                    group: 0xEFC0_0101,
                    source: Array(packet[8..<14])
                )
                raw.send(request, toHost: true)
                packets = []
                try scene.wait("the repair") {
                    packets += raw.take()
                    return packets.contains { $0[4] == 5 }
                }
                #expect(packets.contains { $0[4] == 0x0A })
                let repair = packets.first { $0[4] == 5 }
                #expect(repair.map { Array($0[24...]) } == Array(packet[24...]))
            }
        }

        @Test("MC-8: SPMs go on while nothing is sent") func sourcePaths() throws {
            try withScene { scene in
                let group = try Group()
                let raw = try RawMulticast(port: group.port)
                let pub = try scene.pub()
                try pub.bind(group.endpoint)
                try pub.send("x")
                var paths = 0
                try scene.wait("SPMs") {
                    paths += raw.take().count { $0[4] == 0 }
                    return paths >= 4
                }
                // The last one ends the session.
                try scene.close(pub)
                #expect(raw.take().last.map { $0[4] == 0 && $0[5] == 1 } == true)
            }
        }

        @Test("HWM-08: a subscriber whose application takes nothing stops reading, and goes on") func holdingBack()
            throws
        {
            try withScene { scene in
                let group = try Group()
                let sub = try scene.sub { $0.receiveHighWaterMark = 10 }
                try sub.subscribe(to: "")
                try sub.connect(group.endpoint)
                let pub = try scene.pub()
                try pub.connect(group.endpoint)
                try scene.run(until: {
                    try pub.send("hello")
                    return sub.messagesWaiting > 0
                })
                for number in 0..<300 {
                    try pub.send(Message([UInt8](repeating: UInt8(number & 0xFF), count: 1400)))
                    if number % 20 == 0 { scene.settle(.milliseconds(5)) }
                }
                scene.settle()
                #expect(sub.messagesWaiting < 150)
                var last: Message?
                try scene.run(until: {
                    while let message = try sub.tryReceive() { last = message }
                    return last?[0].first == UInt8(299 & 0xFF)
                })
            }
        }

        @Test("pgm without UDP, where the right to it is there, and an error where it is not") func rawPGM()
            throws
        {
            try withScene { scene in
                let inbox = Recorder()
                let (pub, sub) = (try scene.pub(), try scene.sub { inbox.add($1) })
                try sub.subscribe(to: "")
                let endpoint = "pgm://127.0.0.1;\(RawMulticast.group):\(try freePort())"
                do {
                    try sub.connect(endpoint)
                } catch let error as ZMQError {
                    #expect(error.code == .permissionDenied)
                    #expect(error.message.contains("CAP_NET_RAW"))
                    return
                }
                try pub.bind(endpoint)
                try greet(scene, pub, inbox)
                try pub.send("raw")
                try scene.wait("the message") { inbox.texts == ["raw"] }
            }
        }

        @Test("a context ends with multicast endpoints, and no descriptor is left") func ending() async {
            await #expect(processExitsWith: .success) {
                let endpoint = "epgm://127.0.0.1;\(RawMulticast.group):\(try freePort())"
                func sockets() -> Int { ProcessResources.openDescriptors().values.count { $0.hasPrefix("socket:") } }
                let before = sockets()
                for _ in 0..<3 {
                    try withScene { scene in
                        let (pub, sub) = (try scene.pub(), try scene.sub())
                        try pub.bind(endpoint)
                        try sub.connect(endpoint)
                        for _ in 0..<10 { try pub.send("x") }
                        scene.settle()
                    }
                }
                #expect(sockets() == before)
            }
        }
    }
#endif
