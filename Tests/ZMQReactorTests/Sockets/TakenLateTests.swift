import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// Messages that have arrived and not been received when their peer closes stay available.
@Suite(.hangLimit)
struct TakenLateTests {
    private static let receivers = MatrixType.all.filter { $0.type.traits.contains(.receives) && $0.type != .req }

    /// Sends three messages to a receiver of any type, and closes while they are under way.
    private func sendAndClose(_ scene: Scene, _ sender: Socket, to receiver: Socket) throws {
        if let publisher = sender as? PublishingSocket { try scene.wait(for: 1, subscribersOf: publisher) }
        if let radio = sender as? RadioSocket { try scene.wait(for: 1, membersOf: radio) }
        for text in ["a", "b", "c"] {
            let isDelimited = receiver is RepSocket && !(sender is ReqSocket)
            let message = isDelimited ? ["", Frame(text)] : sender.addressed(Message(text))
            #expect(try (sender as! any SendingSocket).send(message) == .accepted)
            if sender is ReqSocket { break }
        }
        try sender.configure { $0.linger = .untilSent }
        try scene.close(sender)
        try scene.wait("the end") { receiver.peerCount == 0 }
    }

    /// A type that sends the receiver more than one message, unprompted.
    private func sender(for type: SocketType) -> MatrixType {
        let senders: [SocketType] = [
            .pub, .push, .pair, .dealer, .xpub, .sub, .xsub, .client, .server, .scatter, .channel, .peer, .radio,
        ]
        return MatrixType.all.first {
            senders.contains($0.type) && $0.type.isCompatible(with: type) && !($0.type == .sub)
        }!
    }

    @Test("SIG-07: messages are received after their peer has closed", arguments: receivers, Road.allCases)
    func tryReceive(type: MatrixType, road: Road) throws {
        for (ioThreads, binds) in [(0, true), (0, false), (1, true), (1, false)] {
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let receiver = try type.socket(scene)
                let sender = try sender(for: type.type).socket(scene)
                let (client, server) = binds ? (sender, receiver) : (receiver, sender)
                try server.bind(road.endpoint)
                try scene.connect(client, to: server)
                try sendAndClose(scene, sender, to: receiver)
                scene.turn()
                var texts: [String] = []
                while let message = try (receiver as! any ReceivingSocket).tryReceive() {
                    texts.append(message.last.string)
                    if let rep = receiver as? RepSocket { try rep.send("the peer is gone") }
                }
                // An XPUB gets a subscription and its cancellation, before messages or after them.
                #expect(texts.filter { $0 > "\u{1}" } == ["a", "b", "c"])
                #expect(texts.count == (receiver is XPubSocket ? 5 : 3))
            }
        }
    }

    @Test("and by a late task, in the order of arrival", arguments: receivers, [0, 1])
    func task(type: MatrixType, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            guard type.type != .xpub else { return }
            let receiver = try type.socket(scene)
            let sender = try sender(for: type.type).socket(scene)
            try scene.connect(sender, to: receiver)
            try sendAndClose(scene, sender, to: receiver)
            let records = Recorder()
            let task = scene.task(records) { _ in
                if let rep = receiver as? RepSocket {
                    for try await request in rep.requests {
                        records.add(request.message[0].string)
                        request.reply("the peer is gone")
                    }
                } else {
                    for try await message in (receiver as! any ReceivingSocket).messages {
                        records.add(message.last.string)
                    }
                }
            }
            try scene.wait(for: 3, entriesOf: records)
            task.cancel()
            try scene.wait(for: 4, entriesOf: records)
            #expect(records.texts == ["a", "b", "c", "ECANCELED"])
        }
    }

    @Test("and delivered to a paused handler", arguments: Road.allCases, [0, 1])
    func resume(road: Road, ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let inbox = Recorder()
            let sockets: [any ReceivingSocket] = [
                try scene.pull { inbox.add($1) },
                try scene.router { inbox.add($1) },
                try scene.rep { rep, message, reply in
                    inbox.add(message)
                    reply.send("the peer is gone")
                },
                scene.track(try DealerSocket(on: scene.reactor, in: scene.context) { inbox.add($1) }),
                scene.track(try PairSocket(on: scene.reactor, in: scene.context) { inbox.add($1) }),
                try scene.sub { inbox.add($1) },
            ]
            try (sockets.last as! SubSocket).subscribe(to: "")
            for receiver in sockets {
                receiver.pause()
                try receiver.bind(road.endpoint)
                let sender = try sender(for: receiver.type).socket(scene)
                try scene.connect(sender, to: receiver)
                let before = inbox.count
                try sendAndClose(scene, sender, to: receiver)
                scene.turn()
                #expect(inbox.count == before)
                receiver.resume()
                try scene.wait("all") { inbox.count == before + 3 }
                #expect(inbox.messages.suffix(3).map { $0.last.string } == ["a", "b", "c"])
            }
        }
    }

    @Test("STREAM: bytes, then the notice, are received after the peer has closed", arguments: [0, 1])
    func stream(ioThreads: Int) throws {
        try withScene(in: Context(ioThreads: ioThreads)) { scene in
            let stream = try scene.stream()
            let peer = try RawPeer(stream.bind(anyPort))
            try scene.wait("the notice") { stream.statistics.messagesReceived == 1 }
            peer.send("last words")
            peer.hangUp()
            try scene.wait("the end") { stream.peerCount == 0 }
            scene.turn()
            var texts: [String] = []
            while let message = try stream.tryReceive() { texts.append(message[1].string) }
            #expect(texts == ["", "last words", ""])
        }
    }
}
