import Glibc
import Synchronization
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// The public advisories of libzmq: the bytes that do harm there do none here. Those about CURVE are in
/// `CurveAdvisoryTests`, those about other mechanisms and versions in `DowngradeTests`.
@Suite(.hangLimit) struct AdvisoryTests {
    /// What precedes the messages of an attacker.
    enum Version: String, CaseIterable, Codable {
        case v1_0, v2_0, v3_0, v3_1

        var opening: [UInt8] {
            switch self {
            case .v1_0: Wire.anonymous1
            case .v2_0: Wire.greeting2(type: 8)
            case .v3_0: Wire.greeting(minor: 0) + Wire.ready("PUSH")
            case .v3_1: Wire.greeting() + Wire.ready("PUSH")
            }
        }

        /// What precedes them if they are for a PUB.
        var openingOfSubscriber: [UInt8] {
            switch self {
            case .v1_0: Wire.anonymous1
            case .v2_0: Wire.greeting2(type: 2)
            case .v3_0: Wire.greeting(minor: 0) + Wire.ready("SUB")
            case .v3_1: Wire.greeting() + Wire.ready("SUB")
            }
        }

        func message(_ frames: [[UInt8]]) -> [UInt8] {
            self == .v1_0 ? Wire.message1(frames) : Wire.message(frames)
        }

        /// The header of a frame with a size of 8 bytes.
        func header(_ size: UInt64, flags: UInt8 = 0) -> [UInt8] {
            let size = withUnsafeBytes(of: size.bigEndian) { Array($0) }
            return self == .v1_0 ? [0xFF] + size + [flags] : [flags | 2] + size
        }
    }

    /// With each of these, the end of the frame is in front of its beginning.
    private static let wrappingSizes: [UInt64] = [.max, .max - 7, .max - 37, .max - 8192, .max - (1 << 32), 1 << 63]

    @Test(
        "CVE-2019-6250: a frame whose size overflows the address of its end",
        arguments: Version.allCases,
        [0, 1]
    )
    func overflow(version: Version, ioThreads: Int) throws {
        for limit in [SocketOptions().maxMessageSize, .max] {
            try withAttackedServer(ioThreads: ioThreads, { $0.maxMessageSize = limit }) { server in
                for size in Self.wrappingSizes {
                    for flags in [0, 1] as [UInt8] {
                        let frame = version.header(size, flags: flags) + [UInt8](repeating: 0x41, count: 5000)
                        try server.withstands(version.opening + frame, .protocolError)
                    }
                }
            }
        }
    }

    @Test("CVE-2019-6250: a command whose size overflows the address of its end", arguments: [0, 1])
    func commandOverflow(ioThreads: Int) throws {
        try withAttackedServer(ioThreads: ioThreads) { server in
            for size in Self.wrappingSizes {
                let frame = Version.v3_1.header(size, flags: 4) + [4] + Array("PING".utf8) + Wire.zeros(5000)
                try server.withstands(Version.v3_1.opening + frame, .protocolError)
                // In the handshake, too.
                try server.withstands(Wire.greeting() + frame, .protocolError)
            }
        }
    }

    @Test(
        "GHSA-fc3w-qxf5-7hp6: frames of ZMTP 1.0 around the size of a buffer, in pieces of any size",
        arguments: [0, 1]
    )
    func version1Frames(ioThreads: Int) throws {
        let sizes = [0, 1, 253, 254, 8180, 8191, 8192, 8193, 16_384, 65_535, 65_537, 200_000]
        for piece in [3, 8190, 8191, 8192, 8193, 65_536] {
            try withAttackedServer(ioThreads: ioThreads) { server in
                let peer = try server.attacker()
                peer.send(Wire.anonymous1)
                var expected: [Message] = []
                for size in sizes where piece > 3 || size <= 8193 {
                    let body = Pattern.bytes(size, seed: size)
                    // The long form also for small sizes, and a length of 0 in front.
                    let bytes = [0] + Wire.message1([[1], body], long: size % 2 == 0 ? true : nil)
                    for start in stride(from: 0, to: bytes.count, by: piece) {
                        try server.send(Array(bytes[start..<min(start + piece, bytes.count)]), from: peer)
                        server.scene.reactor.run(.nowait)
                    }
                    expected.append(Message(frames: [[1], Frame(body)]))
                }
                try server.scene.run(until: { server.foreign.count == expected.count }, "the messages")
                #expect(zip(server.foreign, expected).allSatisfy { $0.hasSameBytes(as: $1) })
                try server.isServing()
            }
        }
    }

    @Test("GHSA-fc3w-qxf5-7hp6: malformed frames of ZMTP 1.0, behind pieces of any size", arguments: [0, 1])
    func version1Faults(ioThreads: Int) throws {
        let bad: [([UInt8], EventReason.Kind)] = [
            (Version.v1_0.header(0), .protocolError),
            (Version.v1_0.header(0, flags: 0xFF), .protocolError),
            (Version.v1_0.header(9000, flags: 0x80), .protocolError),
            ([0xFE, 0xFF], .protocolError),
            (Version.v1_0.header(1 << 40), .limitExceeded(.messageSize)),
        ]
        try withAttackedServer(ioThreads: ioThreads) { server in
            for (frame, kind) in bad {
                for unfinished in [1, 8180, 8192, 20_000] {
                    // Behind a frame with more to follow, so that nothing is complete.
                    let before = Wire.frame1(more: true, Pattern.bytes(unfinished))
                    try server.withstands(
                        Wire.anonymous1 + before + frame + [UInt8](repeating: 0x41, count: 20_000),
                        kind
                    )
                }
            }
        }
    }

    /// Runs the body on a thread with a small stack.
    private static func withSmallStack(_ body: @escaping @Sendable () throws -> Void) throws {
        let outcome = Mutex<Result<Void, any Error>?>(nil)
        startThread(stackSize: 256 << 10) {
            let result = Result { try body() }
            outcome.withLock { $0 = result }
        }
        try waitUntil("the thread to end", within: .seconds(60)) { outcome.withLock { $0 != nil } }
        try outcome.withLock { $0 }!.get()
    }

    private static func subscription(_ topic: [UInt8], cancels: Bool, asMessage: Bool) -> [UInt8] {
        asMessage
            ? Wire.message([[cancels ? 0 : 1] + topic])
            : Wire.command(cancels ? "CANCEL" : "SUBSCRIBE", topic)
    }

    /// Subscribes to the topics and cancels or leaves, then checks that nothing is left of them.
    private static func subscribe(_ topics: [[UInt8]], asMessage: Bool, cancels: Bool, xpub: Bool) throws {
        try withVirtualScene { scene in
            let publisher: PublishingSocket = try xpub ? scene.xpub({ $0.receiveHighWaterMark = 100_000 }) : scene.pub()
            let calm = try scene.sub(to: "A")
            try scene.connect(calm, to: publisher)
            let peer = try scene.rawPeer("SUB", of: publisher)
            func send(_ bytes: [UInt8]) throws {
                var rest = bytes[...]
                try scene.run(until: {
                    rest = rest.dropFirst(max(peer.send(Array(rest.prefix(1 << 16))), 0))
                    return rest.isEmpty
                })
            }
            for topic in topics { try send(subscription(topic, cancels: false, asMessage: asMessage)) }
            try scene.run(until: { publisher.topicCount == topics.count + 1 }, "the subscriptions")
            if cancels {
                for topic in topics { try send(subscription(topic, cancels: true, asMessage: asMessage)) }
            } else {
                peer.hangUp()
            }
            try scene.run(
                until: { publisher.topicCount == 1 && publisher.peerCount == (cancels ? 2 : 1) },
                "the end of the subscriptions"
            )
            if let pub = publisher as? PubSocket { try pub.send("A") }
            if let xpub = publisher as? XPubSocket { _ = try xpub.send("A") }
            guard try scene.receive(calm) == "A" else { throw TestFailure("another message") }
            peer.hangUp()
        }
    }

    @Test("GHSA-qq65-x72m-9wr8: a topic of a million bytes and thousands of nested ones, on a small stack")
    func deepTopics() async {
        await #expect(processExitsWith: .success) {
            let long = [Pattern.bytes(1_000_000)]
            let nested = (1...4000).map { [UInt8](repeating: 0x42, count: $0) }
            for (index, topics) in [long, nested, nested.reversed()].enumerated() {
                for way in 0..<4 {
                    try Self.withSmallStack {
                        try Self.subscribe(
                            topics,
                            asMessage: way & 1 != 0,
                            cancels: way & 2 != 0,
                            xpub: (index + way) & 1 != 0
                        )
                    }
                }
            }
        }
    }

    @Test("GHSA-4p5v-h92w-6wxw: messages to a PUB are dropped, and take no memory", arguments: Version.allCases)
    func messagesToPublisher(version: Version) async {
        await #expect(processExitsWith: .success) { [version] in
            try withVirtualScene { scene in
                let pub = try scene.pub()
                let calm = try scene.sub(to: "A")
                try scene.connect(calm, to: pub)
                let peer = try scene.rawPeer(to: scene.endpoint(of: pub))
                peer.send(version.openingOfSubscriber)
                let part = (0..<50).flatMap { _ in version.message([[7], Pattern.bytes(1000)]) }
                var count = 0
                func flood(_ messages: Int) throws {
                    var rest: ArraySlice<UInt8> = []
                    let end = count + messages
                    try scene.run(until: {
                        if rest.isEmpty, count < end { (rest, count) = (part[...], count + 50) }
                        rest = rest.dropFirst(max(peer.send(Array(rest)), 0))
                        return rest.isEmpty && count == end && pub.statistics.dropped[.unexpected] == count
                    })
                }
                try flood(2000)
                let before = try ProcessResources.memoryInUse()
                try flood(60_000)
                let grown = try ProcessResources.memoryInUse() - before
                precondition(grown < 16 << 20, "\(grown) bytes for \(60_000 * 1000) received ones")
                try pub.send("A")
                let message = try scene.receive(calm)
                precondition(message == "A")
                precondition(pub.peerCount == 2)
                peer.hangUp()
            }
        }
    }

    @Test("GHSA-4p5v-h92w-6wxw: nor do the peers that send them, once they are gone")
    func visitorsOfPublisher() async {
        await #expect(processExitsWith: .success) {
            try withVirtualScene { scene in
                // Virtual time stands still: all of them come in one second.
                let pub = try scene.pub { $0.limits.connectionRate = .max }
                let endpoint = try scene.endpoint(of: pub)
                let visit =
                    Version.v3_1.openingOfSubscriber + (0..<10).flatMap { _ in Version.v3_1.message([[7], [8]]) }
                var count = 0
                func receive(visitors: Int) throws {
                    for _ in 0..<visitors / 50 {
                        let peers = try (0..<50).map { _ in try scene.rawPeer(to: endpoint) }
                        for peer in peers { precondition(peer.send(visit) == visit.count) }
                        count += 50 * 10
                        try scene.run(until: { pub.statistics.dropped[.unexpected] == count }, "the messages")
                        for peer in peers { peer.hangUp() }
                        try scene.run(until: { pub.connections.isEmpty }, "the end of the connections")
                    }
                }
                try receive(visitors: 2000)
                let before = try ProcessResources.memoryInUse()
                try receive(visitors: 10_000)
                let grown = try ProcessResources.memoryInUse() - before
                // 52 bytes for each of them, and 5 for each of their messages.
                precondition(grown < 512 << 10, "\(grown) bytes for 10,000 connections and 100,000 messages")
            }
        }
    }

    @Test("GHSA-wfr2-29gj-5w87: a server that leaves in the middle of messages takes no memory of its clients")
    func unfinishedMessages() async {
        await #expect(processExitsWith: .success) {
            try withVirtualScene { scene in
                let inbox = Recorder()
                let pull = try scene.pull { inbox.add($1) }
                var ends = 0
                pull.onEvent = { if $1.isDisconnect { ends += 1 } }
                let listener = try scene.rawListener()
                try pull.connect(listener.endpoint)
                let unfinished = Wire.frame(flags: 1, Pattern.bytes(1 << 19)) + Wire.frame(flags: 1, [2])
                func round(_ number: Int) throws {
                    let peer = try listener.accept()
                    peer.shakeHands(as: "PUSH")
                    // The last frame is whole, or itself cut off.
                    var rest = unfinished.dropLast(number % 2 * 100)
                    try scene.run(until: {
                        rest = rest.dropFirst(max(peer.send(Array(rest.prefix(1 << 16))), 0))
                        return rest.isEmpty
                    })
                    if number % 3 == 0 { peer.reset() } else { peer.hangUp() }
                    try scene.run(until: { ends == number + 1 }, "the disconnection")
                }
                for number in 0..<10 { try round(number) }
                let before = try ProcessResources.memoryInUse()
                for number in 10..<210 { try round(number) }
                let grown = try ProcessResources.memoryInUse() - before
                precondition(grown < 16 << 20, "\(grown) bytes for \(200 << 19) received ones")
                precondition(inbox.count == 0 && pull.statistics.messagesReceived == 0)
                let peer = try listener.accept()
                peer.shakeHands(as: "PUSH")
                peer.send(message: [7])
                try scene.run(until: { inbox.count == 1 }, "a whole message")
                precondition(inbox.messages == [Message([7])])
                peer.hangUp()
                listener.close()
            }
        }
    }

    /// How far a peer goes before it falls silent.
    private static func silences(_ mechanism: String) -> [[UInt8]] {
        let greeting = Wire.greeting(mechanism: mechanism)
        return [[], [0xFF], Array(greeting.prefix(10)), Array(greeting.dropLast()), greeting, greeting + [4, 100, 5]]
    }

    @Test(
        "CVE-2020-15166: silent connections to a protected server disturb no other peer, and end",
        arguments: AuthenticatorTests.Scheme.allCases,
        [0, 1]
    )
    func silence(scheme: AuthenticatorTests.Scheme, ioThreads: Int) throws {
        let accepting = Authenticator.async { _ in .accept }
        let sides = try scheme.sides(accepting)
        try withAttackedServer(ioThreads: ioThreads, sides: sides, { $0.handshakeInterval = .seconds(1) }) { server in
            var silent: [RawPeer] = []
            for bytes in Self.silences(sides.server.mechanismName) {
                for _ in 0..<20 {
                    silent.append(try server.attacker())
                    silent.last!.send(bytes)
                }
            }
            try server.scene.run(until: { server.connections == silent.count + 1 })
            // A new client, and the one that was there before.
            let late = try server.scene.push { $0.security = sides.client }
            try late.connect(server.endpoint)
            #expect(try late.send("late") == .accepted)
            try server.scene.run(until: { server.foreign == ["late"] }, "the late client")
            try server.isServing()
            try server.scene.run(until: { server.ends.count == silent.count }, "the end of the silent ones")
            #expect(server.ends.allSatisfy { $0.kind == .handshakeTimeout })
            #expect(silent.allSatisfy { $0.takeReceived().count <= 64 && $0.isClosed })
            try server.isServing()
        }
    }

    @Test(
        "CVE-2020-15166: a peer that falls silent in its handshake is dealt no messages, whichever side has connected",
        arguments: AuthenticatorTests.Scheme.allCases,
        [0, 1]
    )
    func shareOfTheSilent(scheme: AuthenticatorTests.Scheme, ioThreads: Int) throws {
        let sides = try scheme.sides(.acceptAll)
        var silences = Self.silences(sides.server.mechanismName)
        // The password is right, and then nothing follows.
        if scheme == .plain { silences.append(silences[4] + Wire.command("HELLO", [5] + bytes("alice") + [1, 120])) }
        for (isDealer, connects) in [(false, false), (false, true), (true, false), (true, true)] {
            try withTimedScene(ioThreads: ioThreads) { scene in
                // What is sent waits for no peer that has not connected.
                let own: Scene.Change = { ($0.security, $0.isImmediate) = (sides.server, true) }
                let other: Scene.Change = { $0.security = sides.client }
                let sender: any SendingSocket
                let good: any ReceivingSocket
                if isDealer {
                    sender = try scene.dealer(own)
                    good = try scene.dealer(other)
                } else {
                    sender = try scene.push(own)
                    good = try scene.pull(other)
                }
                let endpoint = try scene.endpoint(of: sender)
                let silent = try silences.map { bytes in
                    let peer: RawPeer
                    if connects {
                        let listener = try scene.rawListener()
                        defer { listener.close() }
                        try sender.connect(listener.endpoint)
                        peer = try listener.accept()
                    } else {
                        peer = try scene.rawPeer(to: endpoint)
                    }
                    peer.send(bytes)
                    return peer
                }
                try scene.run(
                    until: {
                        for peer in silent { peer.poll() }
                        return silent.allSatisfy { $0.received.count >= 10 }
                    },
                    "the greetings"
                )
                if connects { try sender.connect(good.bind(scene.anyEndpoint)) } else { try good.connect(endpoint) }
                try scene.run(until: { sender.peerCount == 1 && good.peerCount == 1 }, "the good peer")
                for number in 0..<50 { #expect(try sender.send(Message("\(number)")) == .accepted) }
                #expect(try scene.receive(50, good) == (0..<50).map { "\($0)" })
                for peer in silent {
                    peer.poll()
                    #expect(!peer.isClosed)
                    peer.hangUp()
                }
            }
        }
    }
}
