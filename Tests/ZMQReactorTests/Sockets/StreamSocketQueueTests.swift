import EventReactor
import Testing
import ZMQReactor
import ZMQReactorTestSupport

/// Queues of raw peers, and how their connections end.
@Suite struct StreamSocketQueueTests {
    private let stage: Stage
    private var reactor: Reactor { stage.reactor }
    private var context: Context { stage.context }

    init() throws { stage = try Stage(.ofTests()) }

    private final class Recorder: StreamHandler {
        var received: [Message] = []
        var writable: [Frame] = []
        func socket(_ socket: StreamSocket, received message: Message) { received.append(message) }
        func socketIsWritable(_ socket: StreamSocket, for routingID: Frame) { writable.append(routingID) }
    }

    @Test("the high-water mark applies to each peer, exactly, and room is reported", .nothingMovesByItself)
    func sendLimit() throws {
        var options = SocketOptions()
        options.sendHighWaterMark = 4
        let recorder = Recorder()
        let stream = try StreamSocket(on: reactor, in: context, options: options, handler: recorder)
        let endpoint = try stream.bind("tcp://127.0.0.1:*")
        let slow = try RawPeer(endpoint)
        try reactor.run(until: { recorder.received.count == 1 })
        let quick = try RawPeer(endpoint)
        try reactor.run(until: { recorder.received.count == 2 })
        let ids = recorder.received.map { $0[0] }
        for number: UInt8 in 0..<4 { #expect(try stream.send([number], to: ids[0]) == .accepted) }
        #expect(try stream.send([4], to: ids[0]) == .wouldBlock)
        #expect(try stream.send([5], to: ids[1]) == .accepted)
        #expect(recorder.writable.isEmpty)
        #expect(try slow.receive(4, reactor) == [0, 1, 2, 3])
        #expect(try quick.receive(1, reactor) == [5])
        #expect(recorder.writable == [ids[0]])
        #expect(stream.statistics.messagesSent == 5)
    }

    @Test("a slow reader gets every byte") func slowReader() throws {
        let recorder = Recorder()
        let stream = try StreamSocket(on: reactor, in: context, handler: recorder)
        let peer = try RawPeer(stream.bind("tcp://127.0.0.1:*"))
        try reactor.run(until: { recorder.received.count == 1 })
        let id = recorder.received[0][0]
        var sent: [UInt8] = []
        for number in 0..<300 {
            let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number * 200 + 1)
            #expect(try stream.send(bytes, to: id) == .accepted)
            sent += bytes
        }
        reactor.run(for: .milliseconds(20))
        #expect(try peer.receive(sent.count, reactor) == sent)
        #expect(stream.statistics.messagesSent == 300)
    }

    @Test("nothing is read beyond the receive high-water mark while the socket is paused") func pause() throws {
        var options = SocketOptions()
        options.receiveHighWaterMark = 3
        let recorder = Recorder()
        let stream = try StreamSocket(on: reactor, in: context, options: options, handler: recorder)
        stream.deliversNotices = false
        stream.pause()
        let peer = try RawPeer(stream.bind("tcp://127.0.0.1:*"))
        try reactor.run(until: { stream.peerCount == 1 })
        for byte: UInt8 in 0..<10 {
            peer.send([byte])
            reactor.run(for: .milliseconds(2))
        }
        #expect(stream.statistics.messagesReceived == 3)
        #expect(recorder.received.isEmpty)
        stream.resume()
        try reactor.run(until: { recorder.received.flatMap { Array($0[1]) }.count == 10 })
        #expect(recorder.received.flatMap { Array($0[1]) } == Array(0..<10))
    }

    @Test("without a handler messages are queued") func tryReceive() throws {
        let stream = try StreamSocket(on: reactor, in: context)
        let peer = try RawPeer(stream.bind("tcp://127.0.0.1:*"))
        peer.send("x")
        try reactor.run(until: { stream.statistics.messagesReceived == 2 })
        #expect(try stream.tryReceive()?[1] == "")
        #expect(try stream.tryReceive()?[1] == "x")
        #expect(try stream.tryReceive() == nil)
    }

    @Test("a peer that has half-closed still receives the reply") func halfClose() throws {
        let answer = [UInt8](repeating: 9, count: 8_000_000)
        var ends = 0
        let stream = try StreamSocket(on: reactor, in: context) { socket, message in
            if message[1] == "?" { _ = try? socket.send(answer, to: message[0]) }
            if message[1].isEmpty { ends += 1 }
        }
        let peer = try RawPeer(stream.bind("tcp://127.0.0.1:*"))
        peer.send("?")
        peer.finish()
        #expect(try peer.receiveAll(reactor) == answer)
        try reactor.run(until: { ends == 2 })
    }

    @Test("a peer that half-closes after a hang-up still receives everything") func halfCloseAfterHangUp() throws {
        let answer = [UInt8](repeating: 9, count: 8_000_000)
        let stream = try StreamSocket(on: reactor, in: context) { socket, message in
            guard message[1] == "?" else { return }
            _ = try? socket.send(answer, to: message[0])
            try? socket.hangUp(on: message[0])
        }
        let peer = try RawPeer(stream.bind("tcp://127.0.0.1:*"))
        peer.send("?")
        try reactor.run(until: {
            peer.poll()
            return !peer.received.isEmpty
        })
        peer.finish()
        #expect(try peer.receiveAll(reactor) == answer)
        #expect(stream.statistics.messagesDropped == 0)
    }

    @Test("close sends queued messages") func linger() throws {
        let recorder = Recorder()
        let stream = try StreamSocket(on: reactor, in: context, handler: recorder)
        let peer = try RawPeer(stream.bind("tcp://127.0.0.1:*"))
        try reactor.run(until: { recorder.received.count == 1 })
        for _ in 0..<50 { _ = try stream.send([UInt8](repeating: 3, count: 100_000), to: recorder.received[0][0]) }
        var report: CloseReport?
        stream.close { report = $0 }
        #expect(try peer.receiveAll(reactor).count == 5_000_000)
        try reactor.run(until: { report != nil })
        #expect(report?.unsentMessages == 0)
    }

    @Test("the handler may close the connection, and the socket, from anywhere", arguments: [0, 1, 2])
    func closingInside(step: Int) throws {
        var count = 0
        let stream = try StreamSocket(on: reactor, in: context) { socket, message in
            if count == step { socket.close() } else { _ = try? socket.send([message[0], ""]) }
            count += 1
        }
        let endpoint = try stream.bind("tcp://127.0.0.1:*")
        let peers = try (0..<3).map { _ in try RawPeer(endpoint) }
        for peer in peers { peer.send("x") }
        try reactor.run(until: { stream.isClosed })
        for peer in peers { _ = try peer.receiveAll(reactor) }
        #expect(count == step + 1)
    }
}
