import Glibc
import Synchronization
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Every wait for a peer ends: peers here stop reading, or sending, at the moment when that is awaited.
@Suite(.hangLimit)
struct WaitingTests {
    /// What the operating system accepts of a message for a peer that does not read, at least and at most.
    private static let (small, large) = (20_000, 3_000_000)
    private static let sendBuffer = 64 * 1024

    /// The report of a termination, from any thread.
    private final class Report: Sendable {
        private let count = Mutex<Int?>(nil)
        var value: Int? { count.withLock { $0 } }
        func set(_ value: Int) { count.withLock { $0 = value } }
    }

    private func stream(_ scene: Scene, _ inbox: Recorder, _ change: Scene.Change) throws -> StreamSocket {
        let options = Scene.options {
            $0.sendBuffer = Self.sendBuffer
            change(&$0)
        }
        return scene.track(
            try StreamSocket(on: scene.reactor, in: scene.context, options: options) { inbox.add($1) }
        )
    }

    /// A peer that does not read, and its id at the socket.
    private func idlePeer(of stream: StreamSocket, _ inbox: Recorder, _ scene: Scene) throws -> (RawPeer, Frame) {
        let before = inbox.count
        let peer = try RawPeer(scene.endpoint(of: stream), receiveBuffer: 2048)
        try scene.wait("the notice") { inbox.count == before + 1 }
        return (peer, inbox.messages.last![0])
    }

    @Test(
        "RAW-06: a hang-up on peers that do not read ends with the linger, without polling",
        arguments: [0, 1],
        [small, large]
    )
    func hangUp(ioThreads: Int, size: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let inbox = Recorder()
            let stream = try stream(scene, inbox) { $0.linger = .atMost(.milliseconds(600)) }
            let peers = try (0..<20).map { _ in try idlePeer(of: stream, inbox, scene) }
            let body = [UInt8](repeating: 1, count: size)
            let start = ContinuousClock.now
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
            #expect(ContinuousClock.now - start >= .milliseconds(600))
            #expect(stream.statistics.messagesSent + stream.statistics.messagesDropped == 20)
            if size == Self.large { #expect(stream.statistics.messagesDropped == 20) }
            try waitUntil("the descriptors to be closed") {
                peers.allSatisfy { peer, _ in
                    peer.poll()
                    return peer.isClosed
                }
            }
        }
    }

    @Test("a hang-up on a server that does not read ends with the linger, and is final", arguments: [0, 1])
    func hangUpOnServer(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let inbox = Recorder()
            let stream = try stream(scene, inbox) { $0.linger = .atMost(.milliseconds(100)) }
            let server = try RawListener(receiveBuffer: 2048)
            try stream.connect(server.endpoint)
            let peer = try server.accept(scene.reactor)
            try scene.wait("the notice") { inbox.count == 1 }
            #expect(try stream.send([UInt8](repeating: 1, count: Self.large), to: inbox.messages[0][0]) == .accepted)
            try stream.hangUp(on: inbox.messages[0][0])
            try scene.wait("the end") { stream.connectors.isEmpty }
            #expect(stream.peerCount == 0 && stream.statistics.messagesDropped == 1)
            scene.settle()
            #expect(server.accept() == nil)
            try waitUntil("the descriptor to be closed") {
                peer.poll()
                return peer.isClosed
            }
        }
    }

    @Test("a hang-up on an absent server ends with the linger", arguments: [0, 1])
    func hangUpWithoutAServer(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let stream = try stream(scene, Recorder()) { $0.linger = .atMost(.milliseconds(100)) }
            let endpoint = try freeEndpoint()
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
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let inbox = Recorder()
            let stream = try stream(scene, inbox) { $0.linger = .none }
            let (peer, id) = try idlePeer(of: stream, inbox, scene)
            #expect(try stream.send("bye", to: id) == .accepted)
            try stream.hangUp(on: id)
            #expect(try peer.receiveAll(scene.reactor) == Array("bye".utf8))
            let (_, other) = try idlePeer(of: stream, inbox, scene)
            #expect(try stream.send([UInt8](repeating: 1, count: Self.large), to: other) == .accepted)
            try stream.hangUp(on: other)
            try scene.wait("the end", { stream.connections.isEmpty && stream.statistics.messagesDropped > 0 })
            #expect(stream.statistics.messagesSent == 1 && stream.statistics.messagesDropped == 1)
        }
    }

    @Test("a hang-up until all is sent waits for a peer that reads late", arguments: [0, 1])
    func hangUpUntilSent(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let inbox = Recorder()
            let stream = try stream(scene, inbox) { $0.linger = .untilSent }
            let (peer, id) = try idlePeer(of: stream, inbox, scene)
            let body = Pattern.bytes(400_000)
            #expect(try stream.send(body, to: id) == .accepted)
            try stream.hangUp(on: id)
            scene.settle(.milliseconds(100))
            #expect(stream.connections.count == 1)
            #expect(try peer.receiveAll(scene.reactor) == body)
        }
    }

    @Test(
        "a peer that half-closes and reads nothing ends with the linger; one that reads is served",
        arguments: [0, 1]
    )
    func halfClosed(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let inbox = Recorder()
            let body = Pattern.bytes(Self.large)
            let options = Scene.options { ($0.linger, $0.sendBuffer) = (.atMost(.milliseconds(200)), Self.sendBuffer) }
            let stream = scene.track(
                try StreamSocket(on: scene.reactor, in: scene.context, options: options) {
                    inbox.add($1)
                    if $1[1] == "?" { _ = try? $0.send(body, to: $1[0]) }
                }
            )
            let (idle, _) = try idlePeer(of: stream, inbox, scene)
            idle.send("?")
            idle.finish()
            try scene.wait("the end", { stream.connections.isEmpty && stream.peerCount == 0 })
            #expect(stream.statistics.messagesDropped == 1)
            // It takes longer than the linger, in steps that are shorter.
            let slow = try RawPeer(scene.endpoint(of: stream))
            slow.send("?")
            slow.finish()
            var (count, turns) = (0, 0)
            var buffer = [UInt8](repeating: 0, count: 400_000)
            while count < body.count {
                scene.settle(.milliseconds(turns % 3 == 0 ? 30 : 0))
                turns += 1
                let read = recv(slow.descriptor, &buffer, buffer.count, 0)
                try #require(read > 0 || (read < 0 && errno == EAGAIN))
                count += max(read, 0)
            }
            #expect(count == body.count)
        }
    }

    @Test(
        "CTX-09: closing and disconnecting end in time with a peer that stops reading",
        arguments: [0, 1],
        [small, large]
    )
    func closing(ioThreads: Int, size: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let change: Scene.Change = { ($0.linger, $0.sendBuffer) = (.atMost(.milliseconds(150)), Self.sendBuffer) }
            let message = Message([UInt8](repeating: 1, count: size))
            // A bound socket.
            let bound = try scene.push(change)
            let peer = try scene.rawPeer("PULL", of: bound, receiveBuffer: 2048)
            #expect(try bound.send(message) == .accepted)
            let unsent = size == Self.large ? 1 : 0
            #expect(try scene.close(bound).unsentMessages == unsent)
            #expect(bound.statistics.dropped[.lingerExpired] == unsent)
            // A connected one, by its endpoint alone and as a whole.
            for disconnects in [true, false] {
                let push = try scene.push(change)
                let server = try RawListener(receiveBuffer: 2048)
                try push.connect(server.endpoint)
                let peer = try server.accept(scene.reactor)
                peer.shakeHands(as: "PULL")
                try scene.wait("the handshake") { push.peerCount == 1 }
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
                try waitUntil("the descriptor to be closed") {
                    peer.poll()
                    return peer.isClosed
                }
            }
            try waitUntil("the descriptor to be closed") {
                peer.poll()
                return peer.isClosed
            }
        }
    }

    @Test("CTX-09: terminating a context ends in time with peers that stop reading", arguments: [0, 1])
    func terminating(ioThreads: Int) throws {
        let context = Context(ioThreads: ioThreads)
        try withScene(in: context) { scene in
            let push = try scene.push { ($0.linger, $0.sendBuffer) = (.atMost(.milliseconds(150)), Self.sendBuffer) }
            let peer = try scene.rawPeer("PULL", of: push, receiveBuffer: 2048)
            #expect(try push.send([UInt8](repeating: 1, count: Self.large)) == .accepted)
            let unsent = Report()
            context.terminate { unsent.set($0.unsentMessages) }
            try scene.wait("the end") { unsent.value != nil }
            #expect(unsent.value == 1)
            try waitUntil("the descriptor to be closed") {
                peer.poll()
                return peer.isClosed
            }
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
