import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Raw peers whose connections live on an I/O thread.
@Suite(.hangLimit)
struct StreamSessionTests {
    /// A STREAM socket that stores what arrives.
    private func stream(
        _ scene: Scene,
        _ inbox: Recorder,
        _ change: Scene.Change = { _ in },
        received: @escaping (StreamSocket, Message) -> Void
    ) throws -> StreamSocket {
        try scene.stream(change) {
            inbox.add($1)
            received($0, $1)
        }
    }

    /// A peer that the socket knows, and its routing id.
    private func peer(of stream: StreamSocket, _ inbox: Recorder, _ scene: Scene) throws -> (RawPeer, Frame) {
        let peer = try RawPeer(stream.bind(anyPort))
        try scene.wait("the notice") { inbox.count == 1 }
        return (peer, inbox.messages[0][0])
    }

    private func bytes(_ inbox: Recorder) -> [UInt8] { inbox.messages.flatMap { Array($0[1]) } }

    @Test("SND-04, RAW-05: messages are sent while the application is busy", arguments: [1, 500])
    func leaving(count: Int) throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let inbox = Recorder()
            let stream = try stream(scene, inbox) { _, _ in }
            let (peer, id) = try peer(of: stream, inbox, scene)
            for _ in 0..<count { #expect(try stream.send("hello", to: id) == .accepted) }
            // No turn of the reactor from here on.
            let expected = (0..<count).flatMap { _ in Array("hello".utf8) }
            try waitUntil("the bytes to leave") {
                peer.poll()
                return peer.received == expected
            }
            try waitUntil("it to be counted") { stream.statistics.messagesSent == count }
            #expect(stream.messagesQueued == 0)
        }
    }

    @Test("SND-03, RAW-05: bytes are received while the application is busy, up to the high-water mark")
    func arriving() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let inbox = Recorder()
            let stream = try stream(scene, inbox, { $0.receiveHighWaterMark = 3 }) { _, _ in }
            let (peer, id) = try peer(of: stream, inbox, scene)
            for byte: UInt8 in 0..<3 {
                peer.send([byte])
                try waitUntil("the byte to arrive") { stream.statistics.bytesReceived == Int(byte) + 1 }
            }
            let rest = Pattern.bytes(200_000)
            var sent = 0
            try scene.wait("all bytes") {
                if sent < rest.count { sent += max(peer.send(Array(rest[sent...])), 0) }
                return bytes(inbox).count == 3 + rest.count
            }
            #expect(bytes(inbox) == [0, 1, 2] + rest)
            #expect(inbox.messages.allSatisfy { $0.count == 2 && $0[0] == id })
        }
    }

    @Test("the notice, which the peer has not sent, is not counted as taken from it")
    func accounting() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let options = Scene.options { $0.receiveHighWaterMark = 2 }
            let stream = scene.track(try StreamSocket(on: scene.reactor, in: scene.context, options: options))
            let peer = try RawPeer(stream.bind(anyPort))
            try scene.wait("the notice") { stream.statistics.messagesReceived == 1 }
            for count in 1...2 {
                peer.send("x")
                try scene.wait("a byte") { stream.statistics.bytesReceived == count }
            }
            peer.send("yy")
            #expect(try scene.receive(stream)[1].isEmpty)
            scene.settle()
            #expect(stream.statistics.bytesReceived == 2)
            for _ in 0..<2 { #expect(try scene.receive(stream)[1] == "x") }
            #expect(try scene.receive(stream)[1] == "yy")
        }
    }

    @Test("a peer that has half-closed still receives the reply", arguments: [1, 8_000_000])
    func halfClose(size: Int) throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let inbox = Recorder()
            let answer = Pattern.bytes(size)
            let stream = try stream(scene, inbox) { socket, message in
                if message[1] == "?" { _ = try? socket.send(answer, to: message[0]) }
            }
            var reasons: [EventReason] = []
            stream.onEvent = { if let reason = $1.reason { reasons.append(reason) } }
            let peer = try RawPeer(stream.bind(anyPort))
            peer.send("?")
            peer.finish()
            #expect(try peer.receiveAll(scene) == answer)
            try scene.wait("the end") { stream.peerCount == 0 && inbox.count == 3 && !reasons.isEmpty }
            #expect(inbox.messages.map { $0[1].string } == ["", "?", ""])
            #expect(reasons == [.peerClosed])
            #expect(stream.statistics.messagesSent == 1 && stream.statistics.messagesDropped == 0)
        }
    }

    @Test("RAW-06: a hang-up waits for queued bytes, even when the peer half-closes", arguments: [false, true])
    func hangUp(peerFinishes: Bool) throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let inbox = Recorder()
            let stream = try stream(scene, inbox, { $0.sendBuffer = 64 << 10 }) { _, _ in }
            let (peer, id) = try peer(of: stream, inbox, scene)
            let body = Pattern.bytes(4_000_000)
            #expect(try stream.send(body, to: id) == .accepted)
            #expect(try stream.send([id, ""]) == .accepted)
            // It is gone for the application, and its input is ignored.
            #expect(try stream.send("lost", to: id) == .accepted)
            peer.send("lost")
            if peerFinishes { peer.finish() }
            try waitUntil("all bytes and the end, without a turn of the reactor") {
                peer.poll()
                return peer.isClosed
            }
            #expect(peer.received == body)
            try scene.wait("the end") { stream.peerCount == 0 && inbox.count == 2 }
            #expect(inbox.messages[1] == [id, ""])
            #expect(stream.statistics.messagesSent == 1 && stream.statistics.dropped[.noSuchPeer] == 1)
            #expect(stream.statistics.messagesDropped == 1)
        }
    }

    @Test("RAW-07: a server that has half-closed receives the reply, and is reconnected under the same id")
    func reconnect() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let inbox = Recorder()
            let stream = try stream(scene, inbox) { socket, message in
                if message[1] == "last" { _ = try? socket.send("bye", to: message[0]) }
            }
            let server = try RawListener()
            try stream.connect(server.endpoint)
            let id = try #require(stream.routingID(of: server.endpoint))
            let first = try server.accept(scene.reactor)
            first.send("last")
            first.finish()
            #expect(try first.receiveAll(scene) == Array("bye".utf8))
            first.hangUp()
            let second = try server.accept(scene.reactor)
            second.send("again")
            try scene.wait("bytes by the second connection") { bytes(inbox) == Array("lastagain".utf8) }
            #expect(inbox.messages.map { $0[1].string } == ["", "last", "", "", "again"])
            #expect(inbox.messages.allSatisfy { $0[0] == id })
            #expect(stream.routingID(of: server.endpoint) == id)
            #expect(try stream.send("on", to: id) == .accepted)
            #expect(try second.receive(2, scene) == Array("on".utf8))
            #expect(stream.statistics.reconnects == 1)
        }
    }

    private func fullStream(_ scene: Scene, _ recorder: Recorder) throws -> StreamSocket {
        try scene.stream({ ($0.sendHighWaterMark, $0.sendBuffer) = (10, 4096) }, handler: recorder)
    }

    /// Sends until the operating system accepts no more, and then the queue; returns the number of messages.
    private func fill(_ stream: StreamSocket, to id: Frame) throws -> Int {
        let body = Pattern.bytes(100_000)
        var taken = 0
        try waitUntil("the queue to fill") {
            while try stream.send(body, to: id) == .accepted { taken += 1 }
            return stream.messagesQueued == 10
        }
        return taken
    }

    @Test("HWM-07: at the mark a send would block, and the socket is writable when the peer reads again")
    func full() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let recorder = Recorder()
            let stream = try fullStream(scene, recorder)
            let peer = try RawPeer(stream.bind(anyPort))
            try scene.wait("the notice") { recorder.count == 1 }
            let id = recorder.messages[0][0]
            let taken = try fill(stream, to: id)
            #expect(recorder.writableIDs.isEmpty)
            try scene.run(until: {
                peer.poll()
                return stream.statistics.messagesSent == taken
            })
            try scene.wait("room") { recorder.writableIDs == [id] }
            #expect(try peer.receive(taken * 100_000, scene).count == taken * 100_000)
        }
    }

    @Test("bytes queued for a peer that disconnects are dropped and counted, and the socket becomes writable")
    func lost() throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let recorder = Recorder()
            let stream = try fullStream(scene, recorder)
            let server = try RawListener()
            try stream.connect(server.endpoint)
            let first = try server.accept(scene.reactor)
            try scene.wait("the notice") { recorder.count == 1 }
            let id = recorder.messages[0][0]
            let taken = try fill(stream, to: id)
            first.reset()
            try scene.wait("a new connection") { recorder.count == 3 }
            #expect(recorder.writableIDs == [id])
            #expect(stream.statistics.messagesSent + stream.statistics.messagesDropped == taken)
            #expect(stream.messagesQueued == 0)
            #expect(try stream.send("on", to: id) == .accepted)
            let second = try server.accept(scene.reactor)
            #expect(try second.receive(2, scene) == Array("on".utf8))
        }
    }
}
