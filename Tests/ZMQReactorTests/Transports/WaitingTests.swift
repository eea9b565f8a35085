import Glibc
import Synchronization
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Every wait for a peer ends: peers here stop reading, or sending, at the moment when that is awaited.
@Suite(.hangLimit)
struct WaitingTests {
    /// What a connection accepts of a message for a peer that does not read, at least and at most.
    private static let (small, large) = (20_000, 3_000_000)
    private static let sendBuffer = 64 << 10

    /// For peers that do not read. In memory this is all that a connection holds of what is sent.
    private func receiveBuffer(_ scene: Scene) -> Int32 { scene.virtual == nil ? 2048 : 32 << 10 }

    /// From now on nothing that is sent to the peers arrives: over tcp, as their receive buffers are small.
    private func stall(_ scene: Scene, _ isStalled: Bool = true) {
        for connection in scene.virtual?.network.connections ?? [] { connection.isStalled = isStalled }
    }

    /// Runs until the connection has ended for a peer that reads again.
    private func waitForEnd(of peer: RawPeer, _ scene: Scene) throws {
        stall(scene, false)
        try scene.waitForEnd(of: peer)
    }

    /// The report of a termination, from any thread.
    private final class Report: Sendable {
        private let count = Mutex<Int?>(nil)
        var value: Int? { count.withLock { $0 } }
        func set(_ value: Int) { count.withLock { $0 = value } }
    }

    private func stream(_ scene: Scene, _ inbox: Recorder, _ change: @escaping Scene.Change) throws -> StreamSocket {
        try scene.stream(
            {
                $0.sendBuffer = Self.sendBuffer
                change(&$0)
            },
            handler: inbox
        )
    }

    /// A peer that does not read, and its id at the socket.
    private func idlePeer(of stream: StreamSocket, _ inbox: Recorder, _ scene: Scene) throws -> (RawPeer, Frame) {
        let before = inbox.count
        let peer = try scene.rawPeer(to: scene.endpoint(of: stream), receiveBuffer: receiveBuffer(scene))
        try scene.wait("the notice") { inbox.count == before + 1 }
        return (peer, inbox.messages.last![0])
    }

    @Test(
        "RAW-06: a hang-up on peers that do not read ends with the linger, without polling",
        arguments: [0, 1],
        [small, large]
    )
    func hangUp(ioThreads: Int, size: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let inbox = Recorder()
            let stream = try stream(scene, inbox) { $0.linger = .atMost(.milliseconds(600)) }
            let peers = try (0..<20).map { _ in try idlePeer(of: stream, inbox, scene) }
            stall(scene)
            let body = [UInt8](repeating: 1, count: size)
            let start = scene.elapsed
            for (_, id) in peers {
                #expect(try stream.send(body, to: id) == .accepted)
                try stream.hangUp(on: id)
            }
            scene.settle(.milliseconds(100))
            // Connections that end meanwhile are checked together, after 160, 320, … ms.
            let waits = scene.reactor.waits
            scene.settle(.milliseconds(300))
            #expect(scene.reactor.waits - waits < 20)
            try scene.wait("the end") { stream.peerCount == 0 && stream.connections.isEmpty }
            #expect(scene.elapsed - start >= .milliseconds(600))
            #expect(stream.statistics.messagesSent + stream.statistics.messagesDropped == 20)
            if size == Self.large { #expect(stream.statistics.messagesDropped == 20) }
            for (peer, _) in peers { try waitForEnd(of: peer, scene) }
        }
    }

    @Test("a hang-up on a server that does not read ends with the linger, and is final", arguments: [0, 1])
    func hangUpOnServer(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let inbox = Recorder()
            let stream = try stream(scene, inbox) { $0.linger = .atMost(.milliseconds(100)) }
            let server = try scene.rawListener(receiveBuffer: receiveBuffer(scene))
            try stream.connect(server.endpoint)
            let peer = try server.accept()
            try scene.wait("the notice") { inbox.count == 1 }
            #expect(try stream.send([UInt8](repeating: 1, count: Self.large), to: inbox.messages[0][0]) == .accepted)
            try stream.hangUp(on: inbox.messages[0][0])
            try scene.wait("the end") { stream.connectors.isEmpty }
            #expect(stream.peerCount == 0 && stream.statistics.messagesDropped == 1)
            scene.settle()
            #expect(server.acceptIfPresent() == nil)
            try waitForEnd(of: peer, scene)
        }
    }

    @Test("a hang-up on an absent server ends with the linger", arguments: [0, 1])
    func hangUpWithoutAServer(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let stream = try stream(scene, Recorder()) { $0.linger = .atMost(.milliseconds(100)) }
            let endpoint = try scene.freshEndpoint()
            try stream.connect(endpoint)
            let id = try #require(stream.routingID(of: endpoint))
            #expect(try stream.send("x", to: id) == .accepted)
            try stream.hangUp(on: id)
            try scene.wait("the end") { stream.connectors.isEmpty }
            #expect(stream.statistics.messagesDropped == 1)
        }
    }

    @Test("without linger, a hang-up sends what the system accepts at once", arguments: [0, 1])
    func hangUpWithoutLinger(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let inbox = Recorder()
            let stream = try stream(scene, inbox) { $0.linger = .none }
            let (peer, id) = try idlePeer(of: stream, inbox, scene)
            #expect(try stream.send("bye", to: id) == .accepted)
            try stream.hangUp(on: id)
            #expect(try peer.receiveAll(scene) == Array("bye".utf8))
            try scene.wait("the notice of its end") { inbox.count == 2 }
            let (_, other) = try idlePeer(of: stream, inbox, scene)
            #expect(try stream.send([UInt8](repeating: 1, count: Self.large), to: other) == .accepted)
            try stream.hangUp(on: other)
            try scene.wait("the end", { stream.connections.isEmpty && stream.statistics.messagesDropped > 0 })
            #expect(stream.statistics.messagesSent == 1 && stream.statistics.messagesDropped == 1)
        }
    }

    @Test("a hang-up until all is sent waits for a peer that reads late", arguments: [0, 1])
    func hangUpUntilSent(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let inbox = Recorder()
            let stream = try stream(scene, inbox) { $0.linger = .untilSent }
            let (peer, id) = try idlePeer(of: stream, inbox, scene)
            let body = Pattern.bytes(400_000)
            #expect(try stream.send(body, to: id) == .accepted)
            try stream.hangUp(on: id)
            scene.settle(.milliseconds(100))
            #expect(stream.connections.count == 1)
            #expect(try peer.receiveAll(scene) == body)
        }
    }

    @Test(
        "a peer that half-closes and reads nothing ends with the linger; one that reads is served",
        arguments: [0, 1]
    )
    func halfClosed(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let inbox = Recorder()
            let body = Pattern.bytes(Self.large)
            let stream = try scene.stream({
                ($0.linger, $0.sendBuffer) = (.atMost(.milliseconds(100)), Self.sendBuffer)
            }) {
                inbox.add($1)
                if $1[1] == "?" { _ = try? $0.send(body, to: $1[0]) }
            }
            let (idle, _) = try idlePeer(of: stream, inbox, scene)
            idle.send("?")
            idle.finish()
            try scene.wait("the end", { stream.connections.isEmpty && stream.peerCount == 0 })
            #expect(stream.statistics.messagesDropped == 1)
            // It takes longer than the linger, in steps that are shorter.
            let slow = try scene.rawPeer(to: scene.endpoint(of: stream), receiveBuffer: receiveBuffer(scene))
            slow.send("?")
            slow.finish()
            let start = scene.elapsed
            var count = 0
            while count < body.count {
                scene.settle()
                slow.poll()
                try #require(!slow.isClosed || count + slow.received.count == body.count)
                count += slow.received.count
                slow.received = []
            }
            #expect(scene.elapsed - start > .milliseconds(100))
            #expect(count == body.count)
        }
    }

    @Test(
        "CTX-09: closing and disconnecting end in time with a peer that stops reading",
        arguments: [0, 1],
        [small, large]
    )
    func closing(ioThreads: Int, size: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let change: Scene.Change = { ($0.linger, $0.sendBuffer) = (.atMost(.milliseconds(150)), Self.sendBuffer) }
            let message = Message([UInt8](repeating: 1, count: size))
            // A bound socket.
            let bound = try scene.push(change)
            let peer = try scene.rawPeer("PULL", of: bound, receiveBuffer: receiveBuffer(scene))
            stall(scene)
            #expect(try bound.send(message) == .accepted)
            let unsent = size == Self.large ? 1 : 0
            #expect(try scene.close(bound).unsentMessages == unsent)
            #expect(bound.statistics.dropped[.lingerExpired] == unsent)
            // A connected one, by its endpoint alone and as a whole.
            for disconnects in [true, false] {
                let push = try scene.push(change)
                let server = try scene.rawListener(receiveBuffer: receiveBuffer(scene))
                try push.connect(server.endpoint)
                let peer = try server.accept()
                peer.shakeHands(as: "PULL")
                try scene.wait("the handshake") { push.peerCount == 1 }
                stall(scene)
                #expect(try push.send(message) == .accepted)
                var report: CloseReport?
                if disconnects {
                    try push.disconnect(server.endpoint) { report = $0 }
                } else {
                    push.close { report = $0 }
                }
                try scene.wait("the end") { report != nil }
                #expect(report?.unsentMessages == unsent)
                #expect(push.statistics.dropped[.lingerExpired] == unsent && push.statistics.messagesDropped == unsent)
                #expect(push.connections.isEmpty)
                try waitForEnd(of: peer, scene)
            }
            try waitForEnd(of: peer, scene)
        }
    }

    @Test("CTX-09: terminating a context ends in time with peers that stop reading", arguments: [0, 1])
    func terminating(ioThreads: Int) throws {
        try withTimedScene(ioThreads: ioThreads) { scene in
            let push = try scene.push { ($0.linger, $0.sendBuffer) = (.atMost(.milliseconds(150)), Self.sendBuffer) }
            let peer = try scene.rawPeer("PULL", of: push, receiveBuffer: receiveBuffer(scene))
            #expect(try push.send([UInt8](repeating: 1, count: Self.large)) == .accepted)
            let unsent = Report()
            scene.context.terminate { unsent.set($0.unsentMessages) }
            try scene.wait("the end") { unsent.value != nil }
            #expect(unsent.value == 1)
            try waitForEnd(of: peer, scene)
        }
    }

    @Test("THR-04: a thread whose socket has a peer that stops reading ends with that socket's linger")
    func thread() throws {
        try withScene { scene in
            let server = try RawListener(receiveBuffer: 2048)
            let endpoint = server.endpoint
            let thread = try scene.context.startThread(on: scene.reactor) { reactor, parent in
                let options = Scene.options {
                    ($0.linger, $0.sendBuffer) = (.atMost(.milliseconds(150)), Self.sendBuffer)
                }
                let push = try PushSocket(on: reactor, in: parent.context, options: options)
                try push.connect(endpoint)
                _ = try push.send([UInt8](repeating: 1, count: Self.large))
            }
            let peer = try server.accept(scene.reactor)
            peer.shakeHands(as: "PULL")
            try scene.wait("a byte of the message") {
                peer.poll()
                return peer.received.count > 100
            }
            thread.end()
            try scene.wait("the end") { thread.hasEnded }
        }
    }

    @Test("closing over inproc does not wait: sent messages belong to the peer, even when it receives nothing")
    func inproc() throws {
        try withScene { scene in
            let pull = try scene.pull()
            let push = try scene.push { $0.linger = .untilSent }
            try push.connect(pull.bind(Unique.inprocEndpoint()))
            try scene.wait("the peer") { push.peerCount == 1 }
            let taken = try push.fill(with: "x")
            #expect(taken > 1000)
            #expect(try scene.close(push).unsentMessages == 0)
            try scene.wait("the end") { pull.peerCount == 0 }
            for _ in 0..<taken { #expect(try pull.tryReceive() == "x") }
            #expect(try pull.tryReceive() == nil)
        }
    }

    @Test("a silent local proxy is given up, and reconnected", arguments: [0, 1])
    func silentProxy(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let proxy = try RawListener()
            let push = try scene.push {
                $0.socksProxy = String(proxy.endpoint.dropFirst("tcp://".count))
                $0.connectTimeout = .milliseconds(50)
            }
            var reasons: [EventReason] = []
            push.onEvent = { if let reason = $1.reason { reasons.append(reason) } }
            try push.connect("tcp://some.name.invalid:80")
            let peers = try [proxy.accept(scene.reactor), proxy.accept(scene.reactor)]
            #expect(peers.count == 2)
            #expect(reasons.first?.kind == .connectTimeout)
        }
    }
}
