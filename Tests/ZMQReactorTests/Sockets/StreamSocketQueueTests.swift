import EventReactor
import Testing
import ZMQReactor
import ZMQReactorTestSupport

/// Queues of raw peers, and how their connections end.
@Suite struct StreamSocketQueueTests {
    @Test("the high-water mark applies to each peer, exactly, and room is reported", .nothingMovesByItself)
    func sendLimit() throws {
        try withScene { scene in
            let recorder = Recorder()
            let stream = try scene.stream({ $0.sendHighWaterMark = 4 }, handler: recorder)
            let endpoint = try stream.bind("tcp://127.0.0.1:*")
            let slow = try RawPeer(endpoint)
            try scene.run(until: { recorder.count == 1 })
            let quick = try RawPeer(endpoint)
            try scene.run(until: { recorder.count == 2 })
            let ids = recorder.messages.map { $0[0] }
            for number: UInt8 in 0..<4 { #expect(try stream.send([number], to: ids[0]) == .accepted) }
            #expect(try stream.send([4], to: ids[0]) == .wouldBlock)
            #expect(try stream.send([5], to: ids[1]) == .accepted)
            #expect(recorder.writableIDs.isEmpty)
            #expect(try slow.receive(4, scene) == [0, 1, 2, 3])
            #expect(try quick.receive(1, scene) == [5])
            #expect(recorder.writableIDs == [ids[0]])
            #expect(stream.statistics.messagesSent == 5)
        }
    }

    @Test("a slow reader gets every byte") func slowReader() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let stream = try scene.stream(handler: recorder)
            let peer = try scene.rawPeer(to: stream.bind(scene.anyEndpoint))
            try scene.run(until: { recorder.count == 1 })
            let id = recorder.messages[0][0]
            var sent: [UInt8] = []
            for number in 0..<300 {
                let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number * 200 + 1)
                #expect(try stream.send(bytes, to: id) == .accepted)
                sent += bytes
            }
            scene.run(for: .milliseconds(20))
            #expect(try peer.receive(sent.count, scene) == sent)
            #expect(stream.statistics.messagesSent == 300)
        }
    }

    @Test("nothing is read beyond the receive high-water mark while the socket is paused") func pause() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let stream = try scene.stream({ $0.receiveHighWaterMark = 3 }, handler: recorder)
            stream.deliversNotices = false
            stream.pause()
            let peer = try scene.rawPeer(to: stream.bind(scene.anyEndpoint))
            try scene.run(until: { stream.peerCount == 1 })
            for byte: UInt8 in 0..<10 {
                peer.send([byte])
                scene.run(for: .milliseconds(2))
            }
            #expect(stream.statistics.messagesReceived == 3)
            #expect(recorder.messages.isEmpty)
            stream.resume()
            try scene.run(until: { recorder.messages.flatMap { Array($0[1]) }.count == 10 })
            #expect(recorder.messages.flatMap { Array($0[1]) } == Array(0..<10))
        }
    }

    @Test("without a handler messages are queued") func tryReceive() throws {
        try withScene { scene in
            let stream = try scene.stream()
            let peer = try RawPeer(stream.bind("tcp://127.0.0.1:*"))
            peer.send("x")
            try scene.run(until: { stream.statistics.messagesReceived == 2 })
            #expect(try stream.tryReceive()?[1] == "")
            #expect(try stream.tryReceive()?[1] == "x")
            #expect(try stream.tryReceive() == nil)
        }
    }

    @Test("a peer that has half-closed still receives the reply") func halfClose() throws {
        try withScene { scene in
            let answer = [UInt8](repeating: 9, count: 8_000_000)
            var ends = 0
            let stream = try scene.stream { socket, message in
                if message[1] == "?" { _ = try? socket.send(answer, to: message[0]) }
                if message[1].isEmpty { ends += 1 }
            }
            let peer = try RawPeer(stream.bind("tcp://127.0.0.1:*"))
            peer.send("?")
            peer.finish()
            #expect(try peer.receiveAll(scene) == answer)
            try scene.run(until: { ends == 2 })
        }
    }

    @Test("a peer that half-closes after a hang-up still receives everything") func halfCloseAfterHangUp() throws {
        try withScene { scene in
            let answer = [UInt8](repeating: 9, count: 8_000_000)
            let stream = try scene.stream { socket, message in
                guard message[1] == "?" else { return }
                _ = try? socket.send(answer, to: message[0])
                try? socket.hangUp(on: message[0])
            }
            let peer = try RawPeer(stream.bind("tcp://127.0.0.1:*"))
            peer.send("?")
            try scene.run(until: {
                peer.poll()
                return !peer.received.isEmpty
            })
            peer.finish()
            #expect(try peer.receiveAll(scene) == answer)
            #expect(stream.statistics.messagesDropped == 0)
        }
    }

    @Test("close sends queued messages") func linger() throws {
        try withScene { scene in
            let recorder = Recorder()
            let stream = try scene.stream(handler: recorder)
            let peer = try RawPeer(stream.bind("tcp://127.0.0.1:*"))
            try scene.run(until: { recorder.count == 1 })
            for _ in 0..<50 { _ = try stream.send([UInt8](repeating: 3, count: 100_000), to: recorder.messages[0][0]) }
            var report: CloseReport?
            stream.close { report = $0 }
            #expect(try peer.receiveAll(scene).count == 5_000_000)
            try scene.run(until: { report != nil })
            #expect(report?.unsentMessages == 0)
        }
    }

    @Test("the handler may close the connection, and the socket, from anywhere", arguments: [0, 1, 2])
    func closingInside(step: Int) throws {
        try withScene { scene in
            var count = 0
            let stream = try scene.stream { socket, message in
                if count == step { socket.close() } else { _ = try? socket.send([message[0], ""]) }
                count += 1
            }
            let endpoint = try stream.bind("tcp://127.0.0.1:*")
            let peers = try (0..<3).map { _ in try RawPeer(endpoint) }
            for peer in peers { peer.send("x") }
            try scene.run(until: { stream.isClosed })
            for peer in peers { _ = try peer.receiveAll(scene) }
            #expect(count == step + 1)
        }
    }
}
