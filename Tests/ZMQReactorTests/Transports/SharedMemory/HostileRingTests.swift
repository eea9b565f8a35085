import CSockets
import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Peers that lie in a ring, pass what is no memory, stop, or die: only their connection ends, and the others are served.
@Suite(.hangLimit)
struct HostileRingTests {
    /// A PULL, with a peer of ours beside the hostile one.
    private final class Server {
        let scene: Scene
        let pull: PullSocket
        let endpoint: String
        private let push: PushSocket
        private var count = 0
        private(set) var received: [String] = []
        private(set) var ends: [EventReason] = []

        init(_ scene: Scene, _ change: Scene.Change = { _ in }) throws {
            self.scene = scene
            pull = try scene.pull(change)
            endpoint = try pull.bind(Unique.ipcEndpoint())
            push = try scene.push()
            try push.connect(endpoint)
            pull.onEvent = { [weak self] _, event in if event.isDisconnect { self?.ends.append(event.reason!) } }
            try check()
        }

        /// The peer of ours is served.
        func check() throws {
            count += 1
            let text = "check \(count)"
            guard try push.send(text) == .accepted else { throw TestFailure("no room") }
            try scene.wait("the peer of ours to be served") {
                while let message = try pull.tryReceive() { received.append(message.text) }
                return received.contains(text)
            }
        }

        func waitForEnd() throws -> EventReason {
            try scene.wait("the end of the connection") { !ends.isEmpty }
            try check()
            return ends[0]
        }
    }

    @Test("a peer that follows the rules is served", arguments: [4096, 1 << 20])
    func honest(capacity: Int) throws {
        try withScene(in: Context()) { scene in
            let server = try Server(scene)
            let peer = try RingPeer(scene, as: "PUSH", to: server.endpoint)
            try peer.share(capacity: capacity)
            try peer.write(Wire.message("hello") + Wire.message([[UInt8](repeating: 7, count: 100_000)]))
            try peer.write(Wire.ping("context"))
            #expect(try peer.read(Wire.pong("context").count) == Wire.pong("context"))
            try server.check()
            #expect(server.received.contains("hello") && server.received.contains { $0.utf8.count == 100_000 })
            // A part of a message, and the end.
            try peer.write(Wire.message("last") + Wire.message("torn").dropLast())
            peer.raw.hangUp()
            #expect(try server.waitForEnd().kind == .peerClosed)
            #expect(server.received.contains("last"))
        }
    }

    @Test("a peer that is gone before READY could leave for it", arguments: [0, 1], [false, true])
    func goneBeforeReady(ioThreads: Int, readsGreeting: Bool) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let server = try Server(scene)
            let known = server.pull.statistics.connectionsMade + server.pull.statistics.handshakeFailures
            let peer = try RawPeer(server.endpoint)
            let handshake = RingPeer.handshake("PUSH")
            peer.send(Array(handshake.prefix(64)))
            if readsGreeting { _ = try peer.receive(64, scene) }
            peer.send(Array(handshake.dropFirst(64)))
            peer.hangUp()
            try scene.wait("the connection to be made, or to fail") {
                server.pull.statistics.connectionsMade + server.pull.statistics.handshakeFailures > known
            }
            try scene.wait("the end of the connection") { server.pull.connections.count == 1 }
            try server.check()
        }
    }

    /// The last one that is possible is 4114: 18 bytes have been read, and the ring holds 4096.
    private static let lies: [UInt64] = [0, 9, 17, 4115, 5000, 1 << 32, 1 << 63, .max, .max - 4095]

    @Test("SHM-4: a number of bytes written that cannot be ends the connection", arguments: lies)
    func lyingWriter(number: UInt64) throws {
        try withScene(in: Context()) { scene in
            let server = try Server(scene)
            let peer = try RingPeer(scene, as: "PUSH", to: server.endpoint)
            try peer.share()
            let ping = Wire.ping()
            try peer.write(ping + ping)
            _ = try peer.read(2 * Wire.pong().count)
            #expect(2 * ping.count == 18)
            peer.lie(ring: 0, word: 0, number)
            #expect(try server.waitForEnd().kind == .system(EPROTO))
        }
    }

    @Test(
        "SHM-4: a number of bytes read that cannot be ends the connection",
        arguments: lies.filter { $0 > 17 && $0 < .max }
    )
    func lyingReader(number: UInt64) throws {
        try withScene(in: Context()) { scene in
            let server = try Server(scene)
            let peer = try RingPeer(scene, as: "PUSH", to: server.endpoint)
            try peer.share()
            try peer.write(Wire.ping() + Wire.ping())
            _ = try peer.read(2 * Wire.pong().count)
            peer.lie(ring: 1, word: 128, number)
            // The socket looks at it when it has filled what it knows to be free: 17 would be true by then.
            try scene.wait("the end of the connection") {
                _ = Wire.ping("more to answer").withUnsafeBytes { peer.writer!.write($0) }
                peer.wake()
                return !server.ends.isEmpty
            }
            #expect(try server.waitForEnd().kind == .system(EPROTO))
        }
    }

    @Test("words change all the time while the socket reads and writes")
    func storm() throws {
        try withScene(in: Context()) { scene in
            var random = SeededGenerator(seed: 11)
            let server = try Server(scene)
            for _ in 0..<60 {
                let peer = try RingPeer(scene, as: "PUSH", to: server.endpoint)
                try peer.share(capacity: 1 << Int.random(in: 12...16, using: &random))
                for _ in 0..<20 {
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: peer.lie(ring: Int.random(in: 0...1, using: &random), word: 256, random.next() & 1)
                    case 1: peer.lie(ring: Int.random(in: 0...1, using: &random), word: 384, random.next())
                    case 2: _ = Wire.message("x").withUnsafeBytes { peer.writer!.write($0) }
                    default:
                        let number = random.next() >> UInt64.random(in: 40...63, using: &random)
                        peer.lie(
                            ring: Int.random(in: 0...1, using: &random),
                            word: [0, 128].randomElement(using: &random)!,
                            number
                        )
                    }
                    scene.reactor.run(.nowait)
                }
                if Bool.random(using: &random) { peer.raw.hangUp() }
            }
            try server.check()
        }
    }

    @Test("bytes that are no protocol, in the ring")
    func nonsense() throws {
        try withScene(in: Context()) { scene in
            let server = try Server(scene)
            let peer = try RingPeer(scene, as: "PUSH", to: server.endpoint)
            try peer.share()
            try peer.write([0xFF, 0xFF, 0xFF])
            #expect(try server.waitForEnd().kind == .protocolError)
        }
    }

    // MARK: What is offered

    /// A file that an offer may come with.
    enum Offered: String, CaseIterable {
        case nothing, unsealed, sealedOnly, canGrow, tooSmall, tooLarge, regularFile, device, directory, pipe, socket

        /// The descriptors, of which the first is passed.
        func open() throws -> [CInt] {
            let size = RingMemory.size(of: 4096)
            switch self {
            case .nothing: return []
            case .unsealed: return [csockets_create_memory(size, 0)]
            case .sealedOnly: return [csockets_create_memory(size, 1)]
            case .canGrow: return [csockets_create_memory(size, 2)]
            case .tooSmall: return [csockets_create_memory(size - 1, 3)]
            case .tooLarge: return [csockets_create_memory(size + 1, 3)]
            case .device: return [Glibc.open("/dev/zero", O_RDWR)]
            case .directory: return [Glibc.open("/tmp", O_RDONLY | O_DIRECTORY)]
            case .regularFile:
                let path = Unique.path()
                let file = Glibc.open(path, O_RDWR | O_CREAT, 0o600)
                unlink(path)
                ftruncate(file, size)
                return [file]
            case .pipe, .socket:
                var pair: [CInt] = [0, 0]
                _ =
                    self == .pipe
                    ? Glibc.pipe(&pair) : socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair)
                return pair
            }
        }
    }

    @Test(
        "SHM-2, SHM-3: a file that is no sealed memory is refused, and the socket goes on",
        arguments: Offered.allCases
    )
    func refused(offered: Offered) throws {
        try withScene(in: Context()) { scene in
            let server = try Server(scene)
            let peer = try RingPeer(scene, as: "PUSH", to: server.endpoint)
            let files = try offered.open()
            defer { for file in files { close(file) } }
            #expect(files.allSatisfy { $0 >= 0 })
            peer.send(SharingRecord.offer(capacity: 4096).bytes, with: files.first ?? -1)
            #expect(try peer.answer() == .refused)
            peer.raw.send(Wire.message("by the socket"))
            try scene.wait("the message") {
                try server.check(); return server.received.contains("by the socket")
            }
            #expect(server.ends.isEmpty)
        }
    }

    @Test("memory that has been offered can neither be made smaller nor larger")
    func seals() throws {
        let file = RingMemory.make(capacity: 4096)
        defer { close(file) }
        let size = RingMemory.size(of: 4096)
        for other in [0, size - 1, size + 1] {
            #expect(ftruncate(file, other) == -1 && errno == EPERM)
        }
        #expect(RingMemory(mapping: file, capacity: 4096) != nil)
        #expect(RingMemory(mapping: file, capacity: 8192) == nil)
    }

    @Test("SHM-2: a peer that declines, and goes on by the socket")
    func declines() throws {
        try withScene(in: Context()) { scene in
            let server = try Server(scene)
            let peer = try RingPeer(scene, as: "PUSH", to: server.endpoint)
            peer.send(SharingRecord.declined.bytes + Wire.message("by the socket"))
            try scene.wait("the message") {
                try server.check(); return server.received.contains("by the socket")
            }
        }
    }

    @Test("the record comes in pieces, and its file with any of them, or more than once", arguments: 0..<8)
    func pieces(position: Int) throws {
        try withScene(in: Context()) { scene in
            let server = try Server(scene)
            let peer = try RingPeer(scene, as: "PUSH", to: server.endpoint)
            let files = (0..<2).map { _ in RingMemory.make(capacity: 4096) }
            defer { for file in files { close(file) } }
            for (index, byte) in SharingRecord.offer(capacity: 4096).bytes.enumerated() {
                peer.send([byte], with: index == position || index == 7 ? files[0] : index == 2 ? files[1] : -1)
                scene.reactor.run(.nowait)
            }
            #expect(try peer.answer() == .accepted)
        }
    }

    @Test("SHM-4: something else in the place of the record ends the connection")
    func noRecord() throws {
        try withScene(in: Context()) { scene in
            let server = try Server(scene)
            let all = [
                Wire.message("message"), SharingRecord.accepted.bytes, SharingRecord.refused.bytes, Wire.ping(),
                Array("ringO".utf8) + [30, 0, 0], Wire.zeros(8),
            ]
            for bytes in all {
                let count = server.ends.count
                let peer = try RingPeer(scene, as: "PUSH", to: server.endpoint)
                peer.send(bytes + Wire.zeros(8))
                try scene.wait("the end") { server.ends.count > count }
                #expect(server.ends.last?.kind == .system(EPROTO), "\(bytes)")
            }
            try server.check()
        }
    }

    @Test("a peer that hangs up before, within and behind its record", arguments: [0, 3, 8])
    func hangsUp(count: Int) throws {
        try withScene(in: Context()) { scene in
            let server = try Server(scene)
            let peer = try RingPeer(scene, as: "PUSH", to: server.endpoint)
            let file = RingMemory.make(capacity: 4096)
            defer { close(file) }
            if count > 0 { peer.send(Array(SharingRecord.offer(capacity: 4096).bytes[..<count]), with: file) }
            peer.raw.hangUp()
            #expect(try server.waitForEnd().kind == .peerClosed)
        }
    }

    @Test("a peer that agrees and then says nothing is one that does not read")
    func silence() throws {
        try withScene(in: Context()) { scene in
            let push = try scene.push { $0.writeTimeout = .milliseconds(50) }
            var reason: EventReason?
            push.onEvent = { if $1.isDisconnect { reason = $1.reason } }
            let peer = try RingPeer(scene, as: "PULL", to: push.bind(Unique.ipcEndpoint()))
            try scene.run(until: { push.peerCount == 1 })
            #expect(try push.send("x") == .accepted)
            try scene.run(until: { reason != nil })
            #expect(reason?.kind == .writeTimeout)
            try scene.waitForEnd(of: peer.raw)
        }
    }

    @Test("a peer that shares and then does not read is lost by the time a write may take", arguments: [0, 1])
    func doesNotRead(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let push = try scene.push { $0.writeTimeout = .milliseconds(50) }
            var reason: EventReason?
            push.onEvent = { if $1.isDisconnect { reason = $1.reason } }
            let peer = try RingPeer(scene, as: "PULL", to: push.bind(Unique.ipcEndpoint()))
            try peer.share(capacity: 4096)
            try scene.run(until: { push.peerCount == 1 })
            #expect(try push.send([UInt8](repeating: 1, count: 100_000)) == .accepted)
            try scene.run(until: { reason != nil })
            #expect(reason?.kind == .writeTimeout)
            // What had room is there, whole from its beginning.
            #expect(try peer.read(4096).prefix(9) == Wire.message([[UInt8](repeating: 1, count: 100_000)]).prefix(9))
        }
    }

    @Test("the accepting side answers what is no answer", arguments: [SharingRecord.offer(capacity: 4096), .declined])
    func wrongAnswer(record: SharingRecord) throws {
        try withScene(in: Context()) { scene in
            let listener = try RingListener(scene)
            let push = try scene.push()
            var ends: [EventReason] = []
            push.onEvent = { if $1.isDisconnect { ends.append($1.reason!) } }
            try push.connect(listener.endpoint)
            #expect(try push.send("kept") == .accepted)
            let peer = try listener.accept()
            try listener.negotiate(peer, as: "PULL", until: .offer(capacity: SharedMemoryStream.capacity))
            peer.send(record.bytes)
            try scene.run(until: { !ends.isEmpty })
            #expect(ends[0].kind == .system(EPROTO))
            #expect(push.messagesQueued == 1, "it waits for the next connection")
            try push.configure { $0.linger = .none }
        }
    }

    // MARK: Processes

    /// A process that writes half of a message to its ring, says so, and goes on when it is told.
    private func process(_ endpoint: String) throws -> ChildProcess {
        try ChildProcess(
            "/usr/bin/python3",
            [Project.file("Tests/Peers/ring.py"), String(endpoint.dropFirst("ipc://".count))]
        )
    }

    @Test("SHM-6: a process that is killed within a message", arguments: [0, 1])
    func killed(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let server = try Server(scene)
            let child = try process(server.endpoint)
            try scene.wait("half a message") { child.standardOutput.contains("half") }
            try server.check()
            child.kill()
            #expect(try server.waitForEnd().kind == .peerClosed)
        }
    }

    @Test("a process that is stopped within a message, and goes on", arguments: [0, 1])
    func stopped(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let server = try Server(scene)
            let child = try process(server.endpoint)
            try scene.wait("half a message") { child.standardOutput.contains("half") }
            child.send(Signal(rawValue: SIGSTOP))
            for _ in 0..<20 { try server.check() }
            child.send(Signal(rawValue: SIGCONT))
            try child.write("go on\n")
            try scene.wait("the message") {
                try server.check()
                if let reason = server.ends.first { throw TestFailure("the connection has ended: \(reason)") }
                return server.received.contains { $0.utf8.count == 1 << 20 }
            }
            child.closeInput()
        }
    }

    @Test("a process that is stopped is lost by its heartbeat")
    func heartbeat() throws {
        try withScene(in: Context()) { scene in
            let server = try Server(scene) {
                ($0.heartbeatInterval, $0.heartbeatTimeout) = (.seconds(1), .seconds(3))
            }
            let child = try process(server.endpoint)
            try scene.wait("half a message") { child.standardOutput.contains("half") }
            child.send(Signal(rawValue: SIGSTOP))
            #expect(try server.waitForEnd().kind == .heartbeatTimeout)
        }
    }
}
