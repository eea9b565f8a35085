import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

@Suite(.hangLimit)
struct DropReasonTests {
    @Test("every reason has its own counter and name, and the sum is the total")
    func counters() {
        #expect(DropReason.all.count == DropReason.Counts<Int>(repeating: 0).count)
        #expect(Set(DropReason.all.map(\.name)).count == DropReason.all.count)
        var statistics = SocketStatistics()
        #expect(statistics.messagesDropped == 0 && "\(statistics.dropped)" == "")
        for (number, reason) in DropReason.all.enumerated() { statistics.dropped[reason] += number + 1 }
        for (number, reason) in DropReason.all.enumerated() { #expect(statistics.dropped[reason] == number + 1) }
        #expect(statistics.messagesDropped == DropReason.all.count * (DropReason.all.count + 1) / 2)
        var few = DroppedMessages()
        few[.queueFull] = 3
        few[.peerGone] = 1
        #expect("\(few)" == "queue-full: 3, peer-gone: 1" && few != statistics.dropped)
    }

    @Test("drops on I/O threads are counted with the rest, by reason")
    func traffic() {
        let observer = SocketObserver()
        observer.record(.dropped(1, .queueFull))
        let counters = observer.countersOfSession()
        let session = SocketObserver(counters, admissions: observer.admissions)
        session.record(.dropped(2, .conflated))
        session.record(.dropped(3, .queueFull))
        session.record(.received(4))
        session.record(.dropped(4, .conflated))
        func check() {
            let all = observer.statistics
            #expect(all.dropped[.conflated] == 6 && all.dropped[.queueFull] == 4 && all.messagesDropped == 10)
            #expect(all.messagesReceived == 4)
        }
        check()
        observer.sessionEnded(counters)
        check()
        observer.sessionEnded(counters)
        check()
    }

    @Test("SUB-9: unsubscribed messages that reach a SUB are counted", arguments: [true, false])
    func notSubscribed(hasHandler: Bool) throws {
        try withScene { scene in
            let inbox = Recorder()
            let sub = hasHandler ? try scene.sub { inbox.add($1) } : try scene.sub()
            try sub.subscribe(to: "a")
            let peer = try scene.rawPeer("PUB", of: sub)
            for text in ["b", "a", "b"] { peer.send(message: bytes(text)) }
            try scene.wait("all of it") {
                if let message = try sub.tryReceive() { inbox.add(message) }
                return inbox.count == 1 && sub.statistics.messagesReceived == 3 && sub.messagesWaiting == 0
            }
            #expect(sub.statistics.dropped[.notSubscribed] == 2 && sub.statistics.messagesDropped == 2)
        }
    }

    @Test("PUB-4: messages queued for a subscriber that is gone are counted")
    func goneSubscriber() throws {
        try withTimedScene { scene in
            let pub = try scene.pub()
            let peer = try scene.rawPeer("SUB", of: pub, receiveBuffer: 4096)
            peer.subscribe("")
            try scene.wait(for: 1, subscribersOf: pub)
            for _ in 0..<500 { try pub.send([UInt8](repeating: 7, count: 100_000)) }
            scene.settle()
            peer.reset()
            try scene.wait("the loss") { pub.peerCount == 0 }
            try scene.wait("the count") { pub.statistics.messagesSent + pub.statistics.dropped[.peerGone] == 500 }
            #expect(pub.statistics.messagesSent < 500)
        }
    }

    @Test("messages that wait when the socket is closed are counted", arguments: Road.allCases, [0, 1])
    func waitingAtTheEnd(road: Road, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let (push, pull) = try (scene.push(), scene.pull())
            try push.connect(pull.bind(road.endpoint))
            for text in ["1", "2", "3"] { #expect(try push.send(text) == .accepted) }
            try scene.wait("the messages") { pull.messagesWaiting == 3 }
            #expect(try pull.tryReceive() == "1")
            try scene.close(pull)
            #expect(pull.statistics.dropped[.undelivered] == 2 && pull.statistics.messagesDropped == 2)
        }
    }

    @Test("messages behind the one that closes the socket are counted")
    func closedByTheHandler() throws {
        try withScene(in: Context(ioThreads: 0)) { scene in
            let pull = try scene.pull { pull, _ in pull.close() }
            let peer = try scene.rawPeer("PUSH", of: pull)
            peer.send(["1", "2", "3"].flatMap { Wire.message($0) })
            try scene.wait("the end") { pull.isClosed }
            #expect(pull.statistics.messagesReceived == 3 && pull.statistics.dropped[.undelivered] == 2)
        }
    }

    @Test("subscriptions that a proxy cannot forward are counted", arguments: [0, 1])
    func notForwarded(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let (sub, xpub) = try (scene.sub(to: ""), scene.xpub())
            let peer = try scene.rawPeer("SUB", of: xpub)
            try Proxy(frontend: sub, backend: xpub)
            for topic in ["a", "b"] { peer.subscribe(topic) }
            try scene.wait("the count") { xpub.statistics.dropped[.notForwarded] == 2 }
            #expect(xpub.statistics.messagesReceived == 2 && xpub.statistics.messagesDropped == 2)
        }
    }

    @Test("messages to a type that receives none are counted", arguments: [0, 1])
    func notForThisType(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            func check(_ socket: Socket, _ peerType: String) throws {
                let peer = try scene.rawPeer(peerType, of: socket)
                for text in ["x", "y"] { peer.send(message: bytes(text)) }
                try scene.wait("the count") { socket.statistics.dropped[.unexpected] == 2 }
                #expect(socket.statistics.messagesReceived == 2 && socket.statistics.messagesDropped == 2)
            }
            try check(scene.push(), "PULL")
            try check(scene.pub(), "SUB")
        }
    }
}
