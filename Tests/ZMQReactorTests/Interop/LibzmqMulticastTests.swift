#if Multicast
    import Testing
    import ZMQReactorTestSupport

    @testable import ZMQReactor

    // With libzmq over epgm, in another process, without privileges.
    @Suite(.hangLimit, .serialized)
    struct LibzmqMulticastTests {
        private func endpoint(_ scheme: String = "epgm") throws -> String {
            "\(scheme)://127.0.0.1;\(RawMulticast.group):\(try freePort())"
        }

        private static let rate = PeerOption.integer("RATE", 400_000)
        private static let interval = PeerOption.integer("RECOVERY_IVL", 2000)

        @Test("SND-01, MC-3: from our PUB to a SUB of libzmq", arguments: [PeerSocketType.sub, .xsub])
        func fromOurs(type: PeerSocketType) throws {
            try withScene { scene in
                let endpoint = try endpoint()
                let pub = try scene.pub { $0.multicastRate = 400_000 }
                try pub.bind(endpoint)
                let sub = try LibzmqPeer(type, [Self.rate, Self.interval] + (type == .sub ? [.subscribe()] : []))
                try sub.connect(endpoint)
                try greet(scene, pub, sub)
                var replies: [PeerReply<Void>] = []
                for size in [0, 1, 253, 254, 255, 256, 1440, 1447, 20_000] {
                    let frames = [PeerFrame.pattern(size: size, seed: size), "end"]
                    replies.append(try sub.expecting(frames))
                    try pub.send(Shape.message(frames))
                }
                for reply in replies { try scene.reactor.run(until: reply) }
            }
        }

        /// Sends until libzmq receives.
        private func greet(_ scene: Scene, _ pub: PubSocket, _ sub: LibzmqPeer) throws {
            let reply = try sub.receiving()
            try scene.run(until: {
                try pub.send("hello")
                scene.settle(.milliseconds(2))
                return reply.isReady
            })
            // It has received others meanwhile.
            try pub.send("last hello")
            _ = try scene.reactor.run(until: sub.counting(until: ["last hello"]))
        }

        private func greet(_ scene: Scene, _ pub: LibzmqPeer, _ inbox: Recorder) throws {
            try scene.run(until: {
                try scene.reactor.run(until: pub.sending(["hello"]))
                scene.settle(.milliseconds(2))
                return inbox.count > 0
            })
            scene.settle()
            inbox.clear()
        }

        @Test("SND-01, MC-3: from a PUB of libzmq to our SUB", arguments: [PeerSocketType.pub, .xpub])
        func fromLibzmq(type: PeerSocketType) throws {
            try withScene { scene in
                let endpoint = try endpoint()
                let inbox = Recorder()
                let sub = try scene.sub { inbox.add($1) }
                try sub.subscribe(to: "")
                try sub.connect(endpoint)
                let pub = try LibzmqPeer(type, [Self.rate, Self.interval])
                try pub.bind(endpoint)
                try greet(scene, pub, inbox)
                var expected: [Message] = []
                for size in [0, 1, 253, 254, 255, 256, 1440, 1447, 20_000] {
                    let frames = [PeerFrame.pattern(size: size, seed: size), "end"]
                    expected.append(Shape.message(frames))
                    _ = try pub.sending(frames)
                }
                try scene.run(until: { inbox.count == expected.count })
                for (found, message) in zip(inbox.messages, expected) { #expect(found.hasSameBytes(as: message)) }
                #expect(sub.statistics.dropped[.malformed] == 0)
            }
        }

        @Test("ALL-5: 10,000 messages from our PUB arrive in order") func oursInOrder() throws {
            try withScene { scene in
                let endpoint = try endpoint()
                let pub = try scene.pub {
                    $0.multicastRate = 40_000
                    $0.sendHighWaterMark = 0
                }
                try pub.connect(endpoint)
                let sub = try LibzmqPeer(.sub, [Self.rate, Self.interval, .subscribe(), .receiveHighWaterMark(0)])
                try sub.bind(endpoint)
                try greet(scene, pub, sub)
                let reply = try sub.verifying(10_000, size: 100)
                for number in 0..<10_000 { try pub.send(NumberedMessage(number: number).bytes(size: 100)) }
                try scene.run(until: { reply.isReady }, "libzmq to take them", within: .seconds(30))
                #expect(try reply.value() == [0: 10_000])
            }
        }

        @Test("ALL-5: 10,000 messages from a PUB of libzmq arrive in order") func libzmqInOrder() throws {
            try withScene { scene in
                let endpoint = try endpoint()
                var next = 0
                let inbox = Recorder()
                let sub = try scene.sub { _, message in
                    guard let number = NumberedMessage(message[0])?.number else { return inbox.add(message) }
                    #expect(number == next)
                    next += 1
                }
                try sub.subscribe(to: "")
                try sub.bind(endpoint)
                let pub = try LibzmqPeer(.pub, [.integer("RATE", 40_000), Self.interval, .sendHighWaterMark(0)])
                try pub.connect(endpoint)
                try greet(scene, pub, inbox)
                let reply = try pub.flooding(10_000, size: 100)
                try scene.run(until: { next == 10_000 }, within: .seconds(30))
                try scene.reactor.run(until: reply)
            }
        }

        @Test("MC-9: several publishers of both kinds in one group") func severalSenders() throws {
            try withScene { scene in
                let endpoint = try endpoint()
                let inbox = Recorder()
                let sub = try scene.sub { inbox.add($1) }
                try sub.subscribe(to: "")
                try sub.connect(endpoint)
                let ours = try scene.pub()
                try ours.connect(endpoint)
                let peers = [try LibzmqPeer(.pub, [Self.rate]), try LibzmqPeer(.pub, [Self.rate])]
                for peer in peers { try peer.connect(endpoint) }
                for (number, peer) in peers.enumerated() {
                    try scene.run(until: {
                        try ours.send("ours")
                        try scene.reactor.run(until: peer.sending([.text("peer \(number)")]))
                        scene.settle(.milliseconds(2))
                        return inbox.texts.contains("peer \(number)")
                    })
                }
                #expect(inbox.texts.contains("ours"))
            }
        }

        @Test("pgm without UDP, where the right to it is there", .enabled(if: hasRawSockets)) func rawPGM()
            throws
        {
            try withScene { scene in
                let endpoint = try endpoint("pgm")
                let inbox = Recorder()
                let sub = try scene.sub { inbox.add($1) }
                try sub.subscribe(to: "")
                try sub.connect(endpoint)
                let libzmqPub = try LibzmqPeer(.pub, [Self.rate])
                try libzmqPub.connect(endpoint)
                try greet(scene, libzmqPub, inbox)
                let pub = try scene.pub()
                try pub.connect(endpoint)
                let libzmqSub = try LibzmqPeer(.sub, [Self.rate, .subscribe("hello"), .subscribe("last")])
                try libzmqSub.connect(endpoint)
                try greet(scene, pub, libzmqSub)
            }
        }
    }
#endif
