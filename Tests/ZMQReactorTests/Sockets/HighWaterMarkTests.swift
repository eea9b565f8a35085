import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct HighWaterMarkTests {
    @Test(
        "Q-2, HWM-09, TOP-15: exactly as many as the mark are accepted while there is no server",
        arguments: [1, 2, 7, 1000]
    )
    func exactWithoutPeers(mark: Int) throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.sendHighWaterMark = mark }
            try push.connect(scene.freshEndpoint())
            #expect(try push.fill(with: "x") == mark)
            scene.settle()
            #expect(try push.send("one more") == .wouldBlock)
        }
    }

    @Test("the default mark is 1,000")
    func defaultMark() throws {
        #expect(SocketOptions().sendHighWaterMark == 1000)
        #expect(SocketOptions().receiveHighWaterMark == 1000)
    }

    @Test("PSH-9: a PUSH that only binds has no room until a peer connects")
    func withoutPeers() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let push = try scene.push(handler: recorder)
            let endpoint = try push.bind(scene.anyEndpoint)
            #expect(try push.send("x") == .wouldBlock)
            #expect(try push.send("x") == .wouldBlock)
            let pull = try scene.pull { _, _ in }
            try pull.connect(endpoint)
            try scene.run(until: { recorder.writableCount > 0 })
            scene.settle()
            #expect(recorder.writableCount == 1)
            #expect(try push.send("x") == .accepted)
        }
    }

    @Test("zero is no limit")
    func unlimited() throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.sendHighWaterMark = 0 }
            try push.connect(scene.freshEndpoint())
            #expect(try push.fill(with: "x", limit: 50_000) == 50_000)
        }
    }

    @Test(
        "HWM-07: with a peer that does not read, exactly the mark is queued",
        .nothingMovesByItself,
        arguments: [1, 10, 1000]
    )
    func exactWithStalledPeer(mark: Int) throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let push = try scene.push({ $0.sendHighWaterMark = mark }, handler: recorder)
            let peer = try scene.rawPeer(to: push.bind(scene.anyEndpoint), receiveBuffer: 4096)
            peer.shakeHands(as: "PULL")
            try scene.run(until: { push.peerCount == 1 })
            let message = Message([UInt8](repeating: 7, count: 1000))
            var taken = 0
            var quietTurns = 0
            while quietTurns < 20 {
                let more = try push.fill(with: message)
                taken += more
                // At the refusal: the system may accept a few more messages later.
                if more > 0 { #expect(taken - push.statistics.messagesSent == mark) }
                quietTurns = more == 0 ? quietTurns + 1 : 0
                scene.settle(.milliseconds(2))
            }

            // Exactly one call when there is room again.
            let before = recorder.writableCount
            try scene.run(until: {
                peer.poll()
                return recorder.writableCount > before
            })
            let sent = push.statistics.messagesSent
            #expect(taken - sent <= mark / 2)
            try scene.run(until: {
                peer.poll()
                return push.statistics.messagesSent == taken
            })
            #expect(recorder.writableCount == before + 1)
        }
    }

    @Test("HWM-08: within a program, a PUSH that is refused long after its queue was full becomes writable")
    func refusedLater() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let push = try scene.push({ $0.sendHighWaterMark = 2 }, handler: recorder)
            let pull = try scene.pull { $0.receiveHighWaterMark = 3 }
            try pull.connect(push.bind(Unique.inprocEndpoint()))
            try scene.run(until: { push.peerCount == 1 })
            for _ in 0..<5 { #expect(try push.send("x") == .accepted) }
            try scene.run(until: { pull.statistics.messagesReceived == 5 })
            scene.settle()
            #expect(try push.send("x") == .wouldBlock)
            scene.settle()
            // One at a time, so that the reported progress is never half of the limit.
            for taken in 1...5 {
                #expect(try pull.tryReceive() != nil)
                scene.settle()
                #expect(recorder.writableCount == (taken < 3 ? 0 : 1))
            }
        }
    }

    @Test("HWM-01: a stalled peer fills only its own queue, and is skipped")
    func stalledPeerIsSkipped() throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.sendHighWaterMark = 10 }
            let endpoint = try push.bind(scene.anyEndpoint)
            let stalled = try scene.rawPeer(to: endpoint, receiveBuffer: 4096)
            stalled.shakeHands(as: "PULL")
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            try pull.connect(endpoint)
            try scene.run(until: { push.peerCount == 2 })
            let message = Message([UInt8](repeating: 7, count: 5000))
            try scene.run(until: {
                _ = try push.fill(with: message)
                return inbox.count > 3000
            })
        }
    }

    @Test(
        "PAT-04, PAT-05, HWM-10: a PULL whose application receives nothing stops reading at its mark, and loses nothing"
    )
    func receiverHoldsBack() throws {
        try withTimedScene { scene in
            let pull = try scene.pull { $0.receiveHighWaterMark = 50 }
            let push = try scene.push { $0.sendHighWaterMark = 20 }
            try push.connect(pull.bind(scene.anyEndpoint))
            try scene.run(until: { push.peerCount == 1 })
            var sent = 0
            let body = [UInt8](repeating: 9, count: 60_000)
            func sendMore() throws {
                while try push.send(NumberedMessage(number: sent).bytes() + body) == .accepted { sent += 1 }
            }
            var last = -1
            while last != sent {
                last = sent
                try sendMore()
                scene.settle()
            }
            #expect(pull.statistics.messagesReceived == 50)
            // As many are under way as the two queues and the system's buffers hold.
            var received = 0
            try scene.run(until: {
                while let message = try pull.tryReceive() {
                    #expect(NumberedMessage(message[0])?.number == received)
                    received += 1
                }
                #expect(pull.pipes[0]!.inbound.count <= 50)
                if sent < 2000 { try sendMore() }
                return sent >= 2000 && received == sent
            })
        }
    }

    @Test("PUB-10, HWM-06: a publisher drops for the stalled subscriber only, and reports and counts it")
    func publisherDrops() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let pub = try scene.pub({ $0.sendHighWaterMark = 10 }, handler: recorder)
            let endpoint = try pub.bind(scene.anyEndpoint)
            let stalled = try scene.rawPeer(to: endpoint, receiveBuffer: 4096)
            stalled.shakeHands(as: "SUB")
            // SUBSCRIBE to the prefix "1", as a 3.1 peer sends it.
            stalled.send(command: "SUBSCRIBE", [1])
            var received = 0
            let sub = try scene.sub { _, _ in received += 1 }
            try sub.connect(endpoint)
            try sub.subscribe(to: "")
            try scene.run(until: { pub.topicCount == 2 })
            let body = [UInt8](repeating: 1, count: 5000)
            var sent = 0
            try scene.run(until: {
                if sent == received {
                    try pub.send(body)
                    sent += 1
                }
                return recorder.dropCount > 100
            })
            #expect(recorder.dropCount == pub.statistics.messagesDropped)
            try scene.run(until: { received == sent })
        }
    }

    @Test("PUB-11: a publisher without subscribers drops everything and uses no memory")
    func publisherAlone() throws {
        try withTimedScene { scene in
            let pub = try scene.pub()
            try pub.bind(scene.anyEndpoint)
            for _ in 0..<100_000 { try pub.send("without subs") }
            #expect(pub.statistics.messagesSent == 0)
        }
    }

    /// After a refusal, the socket sends again without a turn in between, until the other thread has received
    /// something.
    private func useRoomUp(_ pair: PairSocket, _ recorder: Recorder, in scene: Scene) throws {
        // The first turn may find room already, and report it.
        let before = recorder.writableCount
        while try pair.send("1") == .accepted {}
        scene.reactor.run(.nowait)
        // The other thread receives what is there; only a send finds that out.
        try waitUntil("room") { try pair.send("2") == .accepted }
        for _ in 0..<8 { _ = try pair.send("3") }
        try scene.wait("a call of the handler") { recorder.writableCount > before }
    }

    @Test("HWM-07: a refused sender becomes writable, though some room was found and used up before", arguments: 0..<20)
    func roomFoundBySending(_: Int) throws {
        try withScene(in: Context(ioThreads: 1)) { scene in
            let recorder = Recorder()
            let pair = try scene.pair({ $0.sendHighWaterMark = 10 }, handler: recorder)
            try scene.connect(pair, to: scene.pair(handler: Recorder()))
            try useRoomUp(pair, recorder, in: scene)
        }
    }

    @Test("HWM-07: the same within a program", arguments: 0..<20)
    func roomFoundBySendingInproc(_: Int) throws {
        let context = Context()
        let endpoint = Road.inproc.endpoint
        let thread = try Reactor.start { reactor in
            let peer = try PairSocket(on: reactor, in: context, options: Scene.options { $0.receiveHighWaterMark = 1 })
            { _, _ in }
            try peer.bind(endpoint)
        }
        defer {
            thread.stop()
            thread.join()
        }
        try withScene(in: context) { scene in
            let recorder = Recorder()
            let pair = try scene.pair({ $0.sendHighWaterMark = 9 }, handler: recorder)
            try pair.connect(endpoint)
            try scene.wait("the peer") { pair.peerCount == 1 }
            try useRoomUp(pair, recorder, in: scene)
        }
    }
}
