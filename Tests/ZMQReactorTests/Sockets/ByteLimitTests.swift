import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite struct ByteLimitTests {
    @Test(
        "HWM bytes: messages are accepted as long as fewer bytes are queued",
        .nothingMovesByItself,
        arguments: [1, 99, 100, 101, 1000]
    )
    func sending(limit: Int) throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let push = try scene.push({ $0.sendHighWaterMarkBytes = limit }, handler: recorder)
            let pull = try scene.pull()
            try scene.connect(pull, to: push)
            // 100 bytes each, with the header.
            let message = Message([UInt8](repeating: 1, count: 98))
            #expect(try push.fill(with: message) == (limit + 99) / 100)
            try scene.wait("room") { recorder.writableCount == 1 }
            #expect(try push.fill(with: message) == (limit + 99) / 100)
            #expect(try scene.receiveAll(pull).count == 2 * ((limit + 99) / 100))
        }
    }

    @Test("HWM bytes: the limit in messages applies as well")
    func both() throws {
        try withScene { scene in
            let push = try scene.push {
                $0.sendHighWaterMark = 3
                $0.sendHighWaterMarkBytes = 1000
            }
            try push.connect(freeEndpoint())
            #expect(try push.fill(with: "x") == 3)
        }
    }

    @Test("HWM bytes: a message larger than the limit passes when nothing is queued")
    func largerThanTheLimit() throws {
        try withScene { scene in
            let push = try scene.push { $0.sendHighWaterMarkBytes = 10 }
            let pull = try scene.pull { $0.receiveHighWaterMarkBytes = 10 }
            try scene.connect(push, to: pull)
            let message = Message([UInt8](repeating: 1, count: 300_000))
            for _ in 0..<3 {
                #expect(try push.send(message) == .accepted)
                #expect(try scene.receive(pull) == message)
            }
        }
    }

    @Test("HWM bytes: PUB drops for a subscriber that has reached it", .nothingMovesByItself)
    func publisher() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let pub = try scene.pub({ $0.sendHighWaterMarkBytes = 10 }, handler: recorder)
            let sub = try scene.sub(to: "")
            try scene.connect(sub, to: pub)
            try scene.wait(for: 1, subscribersOf: pub)
            for number in 0..<6 { try pub.send("\(number)") }  // 3 bytes each
            #expect(recorder.dropCount == 2)
            #expect(try scene.receiveAll(sub) == ["0", "1", "2", "3"])
        }
    }

    @Test("HWM bytes: reading stops at the message that reaches the limit", arguments: [1, 10, 29, 30, 31])
    func receiving(limit: Int) throws {
        try withTimedScene { scene in
            let pull = try scene.pull { $0.receiveHighWaterMarkBytes = limit }
            let peer = try scene.rawPeer("PUSH", of: pull)
            for number in 0..<20 { peer.send(message: [UInt8(65 + number)] + [UInt8](repeating: 46, count: 7)) }
            scene.settle()
            #expect(pull.statistics.messagesReceived == (limit + 9) / 10)
            let received = try scene.receive(20, pull)
            #expect(received.map { $0.first! } == Array("ABCDEFGHIJKLMNOPQRST"))
        }
    }

    @Test("Options: invalid limits are refused by name and value, valid ones read back")
    func options() throws {
        try withScene { scene in
            let push = try scene.push()
            for value in [0, -1] {
                for (name, path) in [
                    ("sendHighWaterMarkBytes", \SocketOptions.sendHighWaterMarkBytes),
                    ("receiveHighWaterMarkBytes", \SocketOptions.receiveHighWaterMarkBytes),
                ] as [(String, WritableKeyPath<SocketOptions, Int?>)] {
                    let error = #expect(throws: ZMQError.self) { try push.configure { $0[keyPath: path] = value } }
                    #expect(error?.option == name && error?.message.contains("\(value)") == true)
                }
            }
            #expect(push.options.sendHighWaterMarkBytes == 64 << 20)
            try push.configure { $0.sendHighWaterMarkBytes = 7 }
            #expect(push.options.sendHighWaterMarkBytes == 7)
            let error = #expect(throws: ZMQError.self) { try scene.pair { $0.isConflating = true } }
            #expect(error?.option == "isConflating")
        }
    }
}

@Suite struct ConflationTests {
    @Test("Conflate: only the newest message is queued for a peer, whatever its frames")
    func sending() throws {
        try withTimedScene { scene in
            let (push, pull) = try (scene.push { $0.isConflating = true }, scene.pull())
            let endpoint = try scene.freshEndpoint()
            try push.connect(endpoint)
            for number in 0..<5000 { #expect(try push.send(["\(number)", "x"]) == .accepted) }
            let large = Frame(Pattern.bytes(20_000))
            #expect(try push.send([large, "y", large]) == .accepted)
            #expect(try push.send(["last", "z"]) == .accepted)
            try scene.wait("one to be left") { push.messagesQueued == 1 }
            #expect(push.statistics.messagesDropped == 5001)
            try pull.bind(endpoint)
            #expect(try scene.receive(pull) == ["last", "z"])
            #expect(try scene.receiveAll(pull) == [])
        }
    }

    @Test("Conflate: a partly sent message is completed")
    func partlySent() throws {
        try withScene { scene in
            let pub = try scene.pub { $0.isConflating = true }
            let peer = try scene.rawPeer("SUB", of: pub)
            peer.send(Wire.command("SUBSCRIBE", []))
            try scene.wait(for: 1, subscribersOf: pub)
            let (before, body) = (pub.statistics.bytesSent, Pattern.bytes(16_000_000))
            try pub.send([Frame(body), "tail"])
            try scene.wait("a part to leave") { pub.statistics.bytesSent > before }
            for number in 0..<100 { try pub.send("\(number)") }
            try scene.wait("the newest to be left") { pub.messagesQueued == 2 }
            #expect(pub.statistics.messagesDropped == 99)
            let large = Wire.longFrame(body, isLast: false) + Wire.message("tail")
            #expect(try peer.receive(large.count, scene) == large)
            let newest = Wire.message("99")
            #expect(try peer.receive(newest.count, scene) == newest)
        }
    }

    @Test("Conflate: only the newest arrived message is left; SUB keeps the newest subscribed one")
    func receiving() throws {
        try withTimedScene { scene in
            let sub = try scene.sub(to: "A", change: { $0.isConflating = true })
            let peers = try (0..<2).map { _ in try scene.rawPeer("PUB", of: sub) }
            for peer in peers {
                for number in 0..<100 { peer.send(message: [65, UInt8(number)]) }
                peer.send(message: [66])
            }
            scene.settle()
            let received = try (0..<2).map { _ in try scene.receive(sub) }
            #expect(received == [[[65, 99]], [[65, 99]]])
            #expect(try scene.receiveAll(sub) == [])
        }
    }
}
