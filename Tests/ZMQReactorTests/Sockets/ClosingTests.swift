import Synchronization
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct ClosingTests {
    @Test("SIG-07: messages sent when the first peer makes room, just before closing, arrive")
    func sendAndCloseWhenWritable() throws {
        try withTimedScene { scene in
            let inbox = Recorder()
            let push = try scene.push(
                handler: Recorder { push in
                    for number in 0..<3 { _ = try? push.send("\(number)") }
                    push.close()
                }
            )
            let endpoint = try push.bind(scene.anyEndpoint)
            #expect(try push.send("too early") == .wouldBlock)
            try scene.pull { inbox.add($1) }.connect(endpoint)
            try scene.run(until: { inbox.count == 3 })
            #expect(inbox.texts == ["0", "1", "2"])
        }
    }

    @Test("SIG-07: everything queued arrives after the close", arguments: [1, 100, 20_000])
    func lingerSendsAll(size: Int) throws {
        try withTimedScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            let push = try scene.push { $0.sendHighWaterMark = 0 }
            try push.connect(pull.bind(scene.anyEndpoint))
            let body = [UInt8](repeating: 5, count: size)
            for number in 0..<1000 { _ = try push.send(NumberedMessage(number: number).bytes() + body) }
            #expect(try scene.close(push).unsentMessages == 0)
            try scene.run(until: { inbox.count == 1000 })
            #expect(inbox.messages.map { NumberedMessage($0[0])!.number } == Array(0..<1000))
        }
    }

    @Test("messages that a closed PUSH has reported as unsent are not sent to a remaining peer")
    func unsentIsUnsent() throws {
        try withTimedScene { scene in
            let inbox = Recorder()
            let (nowhere, somewhere) = (Unique.inprocEndpoint(), Unique.inprocEndpoint())
            let pull = try scene.pull { inbox.add($1) }
            try pull.bind(somewhere)
            let push = try scene.push { $0.linger = .none }
            try push.connect(nowhere)
            for _ in 0..<500 { #expect(try push.send("unclaimed") == .accepted) }
            try push.connect(somewhere)
            try scene.run(until: { push.peerCount == 1 })
            #expect(try scene.close(push).unsentMessages == 500)
            try scene.run(until: { pull.peerCount == 0 })
            #expect(inbox.count == 0)
        }
    }

    @Test("messages that a closing PUSH has queued for an unreachable endpoint are not sent to another peer")
    func closingSendsOnlyToItsPeers() throws {
        try withTimedScene { scene in
            let inbox = Recorder()
            let context = Context()
            let pull = try scene.pull { inbox.add($1) }
            let push = scene.track(try PushSocket(on: scene.reactor, in: context))
            try push.connect(Unique.inprocEndpoint())
            for _ in 0..<500 { #expect(try push.send("unclaimed") == .accepted) }
            try push.connect(pull.bind(scene.anyEndpoint))
            try scene.run(until: { push.peerCount == 1 })
            context.terminate()
            #expect(try scene.close(push).unsentMessages == 500)
            try scene.run(until: { pull.peerCount == 0 })
            #expect(inbox.count == 0)
        }
    }

    @Test("SIG-07: a bound socket's queued messages arrive, too, at each of its peers")
    func lingerOfABoundSocket() throws {
        try withTimedScene { scene in
            let inboxes = [Recorder(), Recorder(), Recorder()]
            let pub = try scene.pub { $0.sendHighWaterMark = 0 }
            let endpoint = try pub.bind(scene.anyEndpoint)
            for inbox in inboxes {
                let sub = try scene.sub { inbox.add($1) }
                try sub.subscribe(to: "")
                try sub.connect(endpoint)
            }
            try scene.run(until: { pub.topicCount == 1 && pub.statistics.messagesSent == 0 && pub.peerCount == 3 })
            // Each of them may have to subscribe first.
            try scene.run(until: {
                try pub.send("hello")
                return inboxes.allSatisfy { $0.count > 0 }
            })
            let body = [UInt8](repeating: 5, count: 10_000)
            for _ in 0..<500 { try pub.send(body) }
            try pub.send("end")
            #expect(try scene.close(pub).unsentMessages == 0)
            try scene.run(until: { inboxes.allSatisfy { $0.texts.last == "end" } })
            for inbox in inboxes { #expect(inbox.messages.count { $0.byteCount == 10_000 } == 500) }
        }
    }

    @Test("TOP-13: messages queued for a peer that connects only after the close arrive within the linger")
    func lingerAcrossConnecting() throws {
        try withTimedScene { scene in
            let endpoint = try scene.freshEndpoint()
            let push = try scene.push()
            try push.connect(endpoint)
            for number in 0..<10 { _ = try push.send("\(number)") }
            var report: CloseReport?
            push.close { report = $0 }
            scene.settle()
            #expect(report == nil)
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            try pull.bind(endpoint)
            try scene.run(until: { report != nil && inbox.count == 10 })
            #expect(report?.unsentMessages == 0)
        }
    }

    @Test("without linger queued messages are dropped at once, and reported")
    func noLinger() throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.linger = .none }
            try push.connect(scene.freshEndpoint())
            for _ in 0..<7 { _ = try push.send("x") }
            let start = scene.elapsed
            #expect(try scene.close(push).unsentMessages == 7)
            #expect(scene.elapsed - start < .seconds(1))
        }
    }

    @Test("CTX-09: a bounded linger ends in time, and reports unsent messages")
    func boundedLinger() throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.linger = .atMost(.milliseconds(200)) }
            try push.connect(scene.freshEndpoint())
            for _ in 0..<12 { _ = try push.send("x") }
            let start = scene.elapsed
            #expect(try scene.close(push).unsentMessages == 12)
            let duration = scene.elapsed - start
            #expect(duration >= .milliseconds(200) && duration < .seconds(2))
        }
    }

    @Test("CTX-09: a bounded linger ends in time with a peer that does not read", .nothingMovesByItself)
    func boundedLingerWithStalledPeer() throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.linger = .atMost(.milliseconds(100)) }
            let peer = try scene.rawPeer(to: push.bind(scene.anyEndpoint), receiveBuffer: 4096)
            peer.shakeHands(as: "PULL")
            try scene.run(until: { push.peerCount == 1 })
            let taken = try push.fill(with: Message([UInt8](repeating: 1, count: 20_000)))
            #expect(taken == 1000)
            let report = try scene.close(push)
            #expect(report.unsentMessages > 0)
            #expect(report.unsentMessages == taken - push.statistics.messagesSent)
        }
    }

    @Test("PSH-11: messages whose peer is gone count as unsent when no other connects")
    func unsentWithoutPeer() throws {
        try withTimedScene { scene in
            let push = try scene.push { $0.linger = .atMost(.milliseconds(50)) }
            let peer = try scene.rawPeer(to: push.bind(scene.anyEndpoint), receiveBuffer: 4096)
            peer.shakeHands(as: "PULL")
            try scene.run(until: { push.peerCount == 1 })
            let taken = try push.fill(with: Message([UInt8](repeating: 1, count: 20_000)))
            scene.settle()
            peer.reset()
            try scene.run(until: { push.peerCount == 0 })
            let report = try scene.close(push)
            #expect(report.unsentMessages == taken - push.statistics.messagesSent)
        }
    }

    @Test("a socket closes with untaken messages in its queues")
    func untakenMessages() throws {
        try withTimedScene { scene in
            let pull = try scene.pull()
            let push = try scene.push()
            try push.connect(pull.bind(scene.anyEndpoint))
            for _ in 0..<10 { _ = try push.send("x") }
            try scene.run(until: { pull.statistics.messagesReceived == 10 })
            try scene.close(pull)
        }
    }

    @Test("closing twice is harmless, before and after the end")
    func closingTwice() throws {
        try withTimedScene { scene in
            let push = try scene.push()
            try push.connect(scene.freshEndpoint())
            var reports = 0
            push.close { _ in reports += 1 }
            push.close { _ in reports += 1 }
            #expect(reports == 0, "never before close returns")
            #expect(push.isClosed)
            try scene.run(until: { reports == 2 })
            push.close { _ in reports += 1 }
            #expect(reports == 2)
            try scene.run(until: { reports == 3 })
        }
    }

    @Test("a socket may be closed in its own handler; no further message is delivered")
    func closeInHandler() throws {
        try withTimedScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull { pull, message in
                inbox.add(message)
                if inbox.count == 3 { pull.close() }
            }
            let push = try scene.push()
            try push.connect(pull.bind(scene.anyEndpoint))
            for number in 0..<100 { _ = try push.send("\(number)") }
            try scene.run(until: { inbox.count == 3 })
            scene.settle()
            #expect(inbox.texts == ["0", "1", "2"])
        }
    }

    @Test("a sender may be closed in its own handler, in the middle of a write")
    func closeWhenWritable() throws {
        for linger in [SocketOptions.Linger.none, .atMost(.milliseconds(50)), .untilSent] {
            try withTimedScene { scene in
                let pull = try scene.pull { _, _ in }
                let recorder = Recorder { $0.close() }
                let push = try scene.push(
                    {
                        $0.sendHighWaterMark = 10
                        $0.linger = linger
                    },
                    handler: recorder
                )
                try push.connect(pull.bind(scene.anyEndpoint))
                _ = try push.fill(with: Message([UInt8](repeating: 1, count: 300_000)))
                try scene.run(until: { recorder.writableCount == 1 && push.isClosed })
                try scene.close(push)
            }
        }
    }

    @Test(
        "a socket may be closed in any of its events",
        arguments: [
            "listening", "accepted", "connected", "connect-delayed", "connect-retried", "handshake-succeeded",
            "disconnected",
        ],
        [SocketOptions.Linger.none, .untilSent]
    )
    func closeInEvent(name: String, linger: SocketOptions.Linger) throws {
        try withTimedScene { scene in
            // A connecting and a binding socket; the one with the event is closed in it.
            for binds in [true, false] {
                var seen = 0
                var after = 0
                let socket = try scene.push { $0.linger = linger }
                socket.onEvent = { socket, event in
                    if seen > 0, event.name != "closed" { after += 1 }
                    guard event.name == name, seen == 0 else { return }
                    seen += 1
                    socket.close()
                }
                let other = try scene.pull { _, _ in }
                if binds {
                    let endpoint = try socket.bind(scene.anyEndpoint)
                    if !socket.isClosed { try other.connect(endpoint) }
                } else if name.hasPrefix("connect-") {
                    try socket.connect(scene.freshEndpoint())
                } else {
                    try socket.connect(other.bind(scene.anyEndpoint))
                }
                if name == "disconnected" {
                    try scene.run(until: { socket.peerCount == 1 })
                    try scene.close(other)
                }
                scene.settle(.milliseconds(20))
                try scene.close(socket)
                #expect(socket.listeners.isEmpty && socket.connectors.isEmpty)
                #expect(socket.pipes.compactMap { $0 }.isEmpty)
                #expect(socket.peerCount == 0)
            }
        }
    }

    @Test("pausing in the handler stops at once; resuming continues with the queued messages, in order")
    func pauseInHandler() throws {
        try withTimedScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull { pull, message in
                inbox.add(message)
                pull.pause()
            }
            let push = try scene.push()
            try push.connect(pull.bind(scene.anyEndpoint))
            for number in 0..<50 { _ = try push.send("\(number)") }
            for count in 1...50 {
                try scene.run(until: { inbox.count == count })
                if count < 3 { scene.settle(.milliseconds(5)) }
                #expect(inbox.count == count)
                pull.resume()
            }
            #expect(inbox.texts == (0..<50).map(String.init))
        }
    }

    @Test("disconnect sends queued messages, accepts no more, and makes no further connection")
    func disconnect() throws {
        try withTimedScene { scene in
            let first = Recorder()
            let second = Recorder()
            let one = try scene.pull { first.add($1) }
            let two = try scene.pull { second.add($1) }
            let push = try scene.push()
            let endpoint = try one.bind(scene.anyEndpoint)
            try push.connect(endpoint)
            try scene.run(until: { push.peerCount == 1 })
            for number in 0..<10 { _ = try push.send("\(number)") }
            try push.disconnect(endpoint)
            #expect(try push.send("there is none") == .wouldBlock)
            try push.connect(two.bind(scene.anyEndpoint))
            for number in 10..<20 { #expect(try push.send("\(number)") == .accepted) }
            try scene.run(until: { first.count == 10 && second.count == 10 && one.peerCount == 0 })
            #expect(first.texts == (0..<10).map(String.init))
            #expect(second.texts == (10..<20).map(String.init))
            let error = #expect(throws: ZMQError.self) { try push.disconnect(endpoint) }
            #expect(error?.code == .noSuchEndpoint)
        }
    }

    @Test("unbind accepts no further peer and keeps the connected ones")
    func unbind() throws {
        try withTimedScene { scene in
            let inbox = Recorder()
            let pull = try scene.pull { inbox.add($1) }
            let push = try scene.push()
            let late = try scene.push()
            let endpoint = try pull.bind(scene.freshEndpoint())
            try push.connect(endpoint)
            try scene.run(until: { pull.peerCount == 1 })
            try pull.unbind(endpoint)
            try late.connect(endpoint)
            _ = try push.send("still here")
            try scene.run(until: { inbox.count == 1 })
            #expect(late.peerCount == 0)
            let error = #expect(throws: ZMQError.self) { try pull.unbind(endpoint) }
            #expect(error?.code == .noSuchEndpoint)
            try pull.bind(endpoint)
            try scene.run(until: { late.peerCount == 1 })
        }
    }
}
