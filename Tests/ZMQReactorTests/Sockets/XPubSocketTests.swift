import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite struct XPubSocketTests {
    @Test(
        "XPB-1, XPB-3, XPB-4, PRX-05, S-3: subscriptions and messages of both forms arrive",
        arguments: [UInt8(0), 1]
    )
    func subscriptionsAsMessages(minor: UInt8) throws {
        try withScene { scene in
            let xpub = try scene.xpub()
            let peer = try scene.rawPeer("XSUB", of: xpub, minor: minor)
            peer.subscribe("A")
            peer.send(message: [1, 66])
            peer.send([1, 2, 7, 7, 0, 1, 9])
            peer.send(message: [])
            peer.send(message: [0, 66])
            peer.send(command: "CANCEL", [65])
            let expected: [Message] = [[[1, 65]], [[1, 66]], [[7, 7], [9]], [[]], [[0, 66]], [[0, 65]]]
            for message in expected { #expect(try scene.receive(xpub) == message) }
            #expect(xpub.lastSubscriber?.isConnected == true)
        }
    }

    @Test(
        "XPB-3, XPB-4: a handler learns of the same while it accepts messages and after a pause",
        arguments: [false, true]
    )
    func content(waits: Bool) throws {
        try withScene { scene in
            let recorder = Recorder()
            let xpub = try scene.xpub(handler: recorder)
            if waits { xpub.pause() }
            let peer = try scene.rawPeer("XSUB", of: xpub)
            peer.send(command: "SUBSCRIBE", [65])
            peer.send(message: [1, 66])
            peer.send([1, 2, 7, 7, 0, 1, 1])
            peer.send(message: [0, 66])
            peer.send(command: "CANCEL", [65])
            peer.send(message: [2])
            try scene.wait("all of it") { xpub.statistics.messagesReceived == 6 }
            if waits {
                #expect(recorder.texts == [])
                xpub.resume()
                try scene.wait("the delivery") { recorder.count == 6 }
            }
            let messages: [Message] = [[[7, 7], [1]], [[2]]]
            #expect(recorder.messages == messages)
            #expect(recorder.texts == ["+A", "+B", messages[0].text, "-B", "-A", messages[1].text])
        }
    }

    @Test("a subscriber's message has its content, and the form in which it is forwarded")
    func subscriberMessage() {
        func topic(_ message: SubscriberMessage) -> (subscribes: Bool, Frame)? {
            switch message.content {
            case .subscription(let topic): (true, topic)
            case .cancellation(let topic): (false, topic)
            case .other: nil
            }
        }
        let subscription = SubscriberMessage([[1, 65]], .subscribe)
        #expect(topic(subscription)! == (true, "A") && subscription.message == [[1, 65]])
        let cancellation = SubscriberMessage([[0]], .cancel)
        #expect(topic(cancellation)! == (false, Frame()) && cancellation.message == [[0]])
        let other = SubscriberMessage([[2], [1]], nil)
        #expect(topic(other) == nil && other.message == [[2], [1]])
    }

    @Test("XPB-2, XPB-3: messages of subscribers are received in turn, and held back at the mark")
    func fair() throws {
        try withTimedScene { scene in
            let xpub = try scene.xpub { $0.receiveHighWaterMark = 4 }
            let peers = try (0..<3).map { _ in try scene.rawPeer("XSUB", of: xpub) }
            for (number, peer) in peers.enumerated() { for _ in 0..<8 { peer.send(message: [UInt8(65 + number)]) } }
            scene.settle()
            #expect(xpub.statistics.messagesReceived == 12)
            let received = try scene.receive(24, xpub)
            #expect(Set(received[..<3]) == ["A", "B", "C"])
            #expect(received.sorted() == ["A", "B", "C"].flatMap { [String](repeating: $0, count: 8) })
        }
    }

    @Test("XPB-5: merged reports first and last, verbose every subscription, verboser everything")
    func verbosity() throws {
        let expected: [(XPubSocket.Verbosity, [String])] = [
            (.merged, ["+A", "-A"]),
            (.verbose, ["+A", "+A", "+A", "-A"]),
            (.verboser, ["+A", "+A", "+A", "-A", "-A", "-A"]),
        ]
        for (verbosity, log) in expected {
            try withTimedScene { scene in
                let recorder = Recorder()
                let xpub = try scene.xpub(handler: recorder)
                xpub.verbosity = verbosity
                let (one, two) = try (scene.rawPeer("SUB", of: xpub), scene.rawPeer("SUB", of: xpub))
                one.subscribe("A")
                one.subscribe("A")
                scene.settle()
                two.subscribe("A")
                scene.settle()
                one.send(command: "CANCEL", [65])
                scene.settle()
                two.send(command: "CANCEL", [65])
                scene.settle()
                two.send(command: "CANCEL", [65])
                scene.settle()
                #expect(recorder.texts == log, "\(verbosity)")
            }
        }
    }

    @Test(
        "XPB-6, PRX-08: when a subscriber disconnects its subscriptions end; shared ones are reported only on request"
    )
    func vanishing() throws {
        for (verbosity, expected) in [(XPubSocket.Verbosity.merged, ["-B"]), (.verboser, ["-A", "-B"])] {
            try withScene { scene in
                let recorder = Recorder()
                let xpub = try scene.xpub(handler: recorder)
                let (one, two) = try (scene.rawPeer("SUB", of: xpub), scene.rawPeer("SUB", of: xpub))
                one.subscribe("A")
                two.subscribe("A")
                two.subscribe("B")
                try scene.wait(for: 2, subscribersOf: xpub, to: "A")
                try scene.wait("both topics") { xpub.topicCount == 2 }
                xpub.verbosity = verbosity
                _ = recorder.takeTexts()
                two.reset()
                try scene.wait("the end") { xpub.peerCount == 1 }
                #expect(recorder.takeTexts().sorted() == expected)
                one.reset()
                try scene.wait("the end") { xpub.peerCount == 0 }
                #expect(recorder.takeTexts() == ["-A"])
                #expect(xpub.topicCount == 0)
            }
        }
    }

    @Test("XPB-6: without a handler, the cancellations are queued behind earlier messages")
    func vanishingInOrder() throws {
        try withTimedScene { scene in
            let xpub = try scene.xpub()
            let peer = try scene.rawPeer("SUB", of: xpub)
            for topic in ["A", "B"] { peer.subscribe(topic) }
            scene.settle()
            peer.hangUp()
            try scene.wait("the end") { xpub.peerCount == 0 }
            let all = try (0..<4).map { _ in try scene.receive(xpub)[0] }
            #expect(all[..<2] == [[1, 65], [1, 66]])
            #expect(Set(all[2...]) == [[0, 65], [0, 66]])
            #expect(xpub.lastSubscriber?.isConnected == false)
        }
    }

    @Test("S-4, S-1: of a message of several frames that begins with 01, the first frame subscribes")
    func severalFrames() throws {
        try withScene { scene in
            let xpub = try scene.xpub()
            let peer = try scene.rawPeer("XSUB", of: xpub)
            peer.send([1, 2, 1, 65, 0, 1, 66])
            #expect(try scene.receive(xpub) == [[1, 65]])
            #expect(xpub.topicCount == 1)
        }
    }

    @Test("S-7: an unknown cancellation is reported by verboser only")
    func unknownCancellation() throws {
        try withTimedScene { scene in
            let xpub = try scene.xpub()
            let peer = try scene.rawPeer("SUB", of: xpub)
            peer.send(message: [0, 65])
            scene.settle()
            xpub.verbosity = .verboser
            peer.send(message: [0, 66])
            #expect(try scene.receiveAll(xpub) == ["\0B"])
        }
    }

    @Test("PRX-07, PUB-10: it drops as PUB does", .nothingMovesByItself)
    func drops() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let xpub = try scene.xpub({ $0.sendHighWaterMark = 2 }, handler: recorder)
            let sub = try scene.sub(to: "")
            try scene.connect(sub, to: xpub)
            try scene.wait(for: 1, subscribersOf: xpub)
            for number in 0..<5 { #expect(try xpub.send("\(number)") == .accepted) }
            #expect(recorder.dropCount == 3)
            #expect(try scene.receiveAll(sub) == ["0", "1"])
        }
    }

    @Test("Manual: the application decides what each subscriber receives")
    func manual() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let xpub = try scene.xpub(handler: recorder)
            xpub.isManual = true
            recorder.onSubscribe = { xpub, subscriber, topic in
                xpub.subscribe(subscriber, to: Frame("X" + topic.string))
            }
            let (one, two) = try (scene.rawPeer("SUB", of: xpub), scene.rawPeer("SUB", of: xpub))
            one.subscribe("A")
            two.subscribe("A")
            two.subscribe("B")
            try scene.wait("subscriptions") { recorder.count == 3 }
            try scene.wait(for: 2, subscribersOf: xpub, to: "XA")
            for text in ["A", "XA", "XB"] { _ = try xpub.send(text) }
            #expect(scene.heard(one) == [0, 2] + Array("XA".utf8))
            #expect(scene.heard(two) == [0, 2] + Array("XA".utf8) + [0, 2] + Array("XB".utf8))
            _ = recorder.takeTexts()
            two.send(message: [0, 65])
            try scene.wait("the cancellation") { recorder.takeTexts() == ["-A"] }
            #expect(xpub.subscriberCount(to: "XA") == 2)
            xpub.unsubscribe(xpub.lastSubscriber!, from: "XA")
            #expect(xpub.subscriberCount(to: "XA") == 1)
            two.hangUp()
            try scene.wait("its end") { xpub.peerCount == 1 }
            #expect(recorder.takeTexts() == ["-B"])
            #expect(xpub.topicCount == 1)
        }
    }

    @Test("Last value: a new subscriber gets it, the others do not")
    func lastValue() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let xpub = try scene.xpub(handler: recorder)
            xpub.verbosity = .verbose
            recorder.onSubscribe = { xpub, subscriber, _ in _ = try! xpub.send("A=1", to: subscriber) }
            let subs = try (0..<3).map { _ in try scene.sub(to: "A") }
            for sub in subs {
                try scene.connect(sub, to: xpub)
                #expect(try scene.receive(sub) == "A=1")
            }
            for sub in subs { #expect(try scene.receiveAll(sub) == []) }
            let gone = xpub.lastSubscriber!
            subs[2].close()
            try scene.wait("its end") { !gone.isConnected }
            #expect(try xpub.send("A=2", to: gone) == .accepted)
            #expect(recorder.dropCount == 1)
        }
    }

    @Test(
        "No drop: a full subscriber blocks the message for all of its recipients, until there is room",
        .nothingMovesByItself
    )
    func blocksWhenFull() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let xpub = try scene.xpub({ $0.sendHighWaterMark = 2 }, handler: recorder)
            xpub.blocksWhenFull = true
            let (a, ab) = try (scene.sub(to: "A"), scene.sub(to: "A", "B"))
            for sub in [a, ab] { try scene.connect(sub, to: xpub) }
            try scene.wait(for: 2, subscribersOf: xpub, to: "A")
            try scene.wait(for: 1, subscribersOf: xpub, to: "B")
            for text in ["B1", "B2"] { #expect(try xpub.send(text) == .accepted) }
            #expect(try xpub.send("A1") == .wouldBlock)
            #expect(try xpub.send(["A1", "x"]) == .wouldBlock)
            #expect(recorder.dropCount == 0 && recorder.writableCount == 0)
            try scene.wait("room") { recorder.writableCount == 1 }
            #expect(try xpub.send("A2") == .accepted)
            #expect(try scene.receiveAll(a) == ["A2"])
            #expect(try scene.receiveAll(ab) == ["B1", "B2", "A2"])
            #expect(recorder.writableCount == 1)
        }
    }

    @Test("No drop: a full subscriber that disconnects makes room, too", .nothingMovesByItself)
    func blockedByASubscriberThatLeaves() throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let xpub = try scene.xpub({ $0.sendHighWaterMark = 2 }, handler: recorder)
            xpub.blocksWhenFull = true
            let peer = try scene.rawPeer("SUB", of: xpub, receiveBuffer: 4096)
            peer.subscribe("")
            try scene.wait(for: 1, subscribersOf: xpub)
            let large = Message([UInt8](repeating: 1, count: 1 << 20))
            var sent = 0
            while try xpub.send(large) == .accepted {
                sent += 1
                scene.settle(.milliseconds(2))
                try #require(sent < 1000)
            }
            peer.reset()
            try scene.wait("room") { recorder.writableCount == 1 }
            #expect(try xpub.send(large) == .accepted)
        }
    }

    @Test("A welcome message is the first that every subscriber gets")
    func welcome() throws {
        try withTimedScene { scene in
            let xpub = try scene.xpub()
            xpub.welcomeMessage = ["W", "elcome"]
            let subs = try [scene.sub(to: "W"), scene.sub(to: "")]
            for sub in subs {
                try scene.connect(sub, to: xpub)
                #expect(try scene.receive(sub) == ["W", "elcome"])
            }
            let other = try scene.sub(to: "A")
            try scene.connect(other, to: xpub)
            try scene.wait(for: 2, subscribersOf: xpub, to: "A")
            #expect(try xpub.send("A") == .accepted)
            #expect(try scene.receiveAll(other) == ["A"])
        }
    }

    @Test(
        "A handler may disconnect the subscriber, or close the socket, in the middle of a batch",
        arguments: [true, false]
    )
    func endInsideTheHandler(closes: Bool) throws {
        try withTimedScene { scene in
            let recorder = Recorder()
            let xpub = try scene.xpub(handler: recorder)
            var reasons: [String] = []
            xpub.onEvent = { if $1.isDisconnect { reasons.append($1.reason?.message ?? "") } }
            recorder.onSubscribe = { xpub, subscriber, _ in
                if closes { xpub.close() } else { subscriber.disconnect(because: "enough") }
            }
            let peer = try scene.rawPeer("XSUB", of: xpub)
            peer.send((0..<20).flatMap { [0, 2, 1, 65 + $0] as [UInt8] })
            try scene.wait("the first") { recorder.count > 0 }
            scene.settle()
            #expect(recorder.texts.first == "+A")
            #expect(recorder.texts.filter { $0.hasPrefix("+") }.count == 1)
            if !closes {
                #expect(reasons == ["enough"])
                #expect(xpub.topicCount == 0)
            }
        }
    }

    @Test("PRX-03, PRX-04, PRX-07, PRX-08: subscriptions and cancellations pass a proxy upwards")
    func proxy() throws {
        try withScene { scene in
            final class Forwarder: XPubHandler, XSubHandler {
                var xsub: XSubSocket?
                var xpub: XPubSocket?
                func socket(_ socket: XPubSocket, received message: SubscriberMessage, from subscriber: Subscriber) {
                    try! xsub!.send(message.message)
                }
                func socket(_ socket: XSubSocket, received message: Message) { _ = try! xpub!.send(message) }
            }
            let forwarder = Forwarder()
            let xpub = try scene.xpub(handler: forwarder)
            let xsub = try scene.xsub(handler: forwarder)
            (forwarder.xpub, forwarder.xsub) = (xpub, xsub)
            let recorder = Recorder()
            let far = try scene.xpub(handler: recorder)
            try scene.connect(far, to: xsub)
            #expect(recorder.texts == [])
            let sub = try scene.sub(to: "A")
            try scene.connect(sub, to: xpub)
            try scene.wait(for: 1, subscribersOf: far, to: "A")
            #expect(try far.send(["A", "1"]) == .accepted)
            #expect(try scene.receive(sub) == ["A", "1"])
            sub.close()
            try scene.wait("the end") { recorder.texts == ["+A", "-A"] }
            (forwarder.xpub, forwarder.xsub) = (nil, nil)
        }
    }
}
