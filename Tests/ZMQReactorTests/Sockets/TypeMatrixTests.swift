import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

extension Scene {
    /// Sends with one socket to one that can receive, both connected to each other; does nothing if it cannot send.
    fileprivate func pass(_ message: Message, from sender: Socket, to receiver: Socket) throws {
        guard let receiver = receiver as? any ReceivingSocket, let sender = sender as? any SendingSocket else { return }
        if let publisher = sender as? PublishingSocket { try wait(for: 1, subscribersOf: publisher) }
        #expect(try sender.send(message) == .accepted)
        // An XPUB also receives subscriptions.
        var received = try receive(receiver)
        while receiver is XPubSocket, received[0].first == 1 { received = try receive(receiver) }
        // Messages that could not be sent to a peer of the wrong type were kept for one of the right one.
        while received == "early" { received = try receive(receiver) }
        #expect(received == message)
    }

    /// Sends a request with one socket to another, and checks that request and reply arrive, each in the form of its
    /// type.
    private func ask(_ message: Message, _ one: Socket, _ other: Socket) throws {
        try route(message, from: one, to: other)
        try route(message, from: other, to: one)
    }

    /// Sends with the frames that a type needs in front, and expects those that the other type delivers.
    private func route(_ message: Message, from sender: Socket, to receiver: Socket) throws {
        // REQ and REP add and remove the delimiter; DEALER and ROUTER deliver it when the other end is one of those.
        let delimits = [sender, receiver].contains { $0 is ReqSocket || $0 is RepSocket }
        let delimited = delimits ? Message(frames: [Frame()] + message) : message
        if let router = sender as? RouterSocket {
            let peer = router.pipes.lazy.compactMap(\.self).first { $0.peer != nil }!
            #expect(try router.send(delimited, to: Frame(peer.routingPrefix.dropFirst(2))) == .accepted)
        } else {
            let isRaw = sender is DealerSocket
            #expect(try (sender as! any SendingSocket).send(isRaw ? delimited : message) == .accepted)
        }
        var received = try receive(receiver as! any ReceivingSocket)
        while received.last == "early" {
            // A REP also replies to other messages.
            if let rep = receiver as? RepSocket { try rep.send("late") }
            received = try receive(receiver as! any ReceivingSocket)
        }
        if receiver is RouterSocket { received = received.dropFirst()! }
        #expect(received == (receiver is ReqSocket || receiver is RepSocket ? message : delimited))
    }

    /// Sends a message of one frame, beside the one that some types have in front, if the types pass any this way.
    private func passOne(_ body: Message, from sender: Socket, to receiver: Socket) throws {
        guard let receiver = receiver as? any ReceivingSocket, let sender = sender as? any SendingSocket else { return }
        if let radio = sender as? RadioSocket { try wait(for: 1, membersOf: radio) }
        #expect(try sender.send(sender.addressed(body)) == .accepted)
        var received = try receive(receiver)
        while received.last == "early" { received = try receive(receiver) }
        #expect(received == (receiver.addressed(body)))
    }

    /// Checks that two sockets, and the messages of either, find each other.
    func exchange(_ one: Socket, _ other: Socket) throws {
        let family: [SocketType] = [.req, .rep, .dealer, .router]
        if family.contains(one.type) {
            // The side that sends first.
            let begins = one is ReqSocket || other is RepSocket
            let (asking, asked) = begins ? (one, other) : (other, one)
            for message in ["x", ["y", ""], [Frame(Pattern.bytes(50_000))]] as [Message] {
                try ask(message, asking, asked)
            }
            return
        }
        let classic: [SocketType] = [.pub, .sub, .xpub, .xsub, .push, .pull, .pair]
        guard classic.contains(one.type) else {
            // A SERVER knows a CLIENT from the handshake on.
            for body in ["x", "", [Frame(Pattern.bytes(50_000))]] as [Message] {
                try passOne(body, from: one, to: other)
                try passOne(body, from: other, to: one)
            }
            return
        }
        for message in ["x", ["", "y", ""], [Frame(Pattern.bytes(50_000))]] as [Message] {
            try pass(message, from: one, to: other)
            try pass(message, from: other, to: one)
        }
    }
}

@Suite struct TypeMatrixTests {
    @Test(
        "ALL-1, PAT-08, CMB-01, CMB-08, CMB-09, CMB-10, CMB-11, POL-02: legal pairs deliver, illegal ones are rejected and stay usable for others",
        arguments: MatrixType.all,
        MatrixType.all
    )
    func pair(bound: MatrixType, connecting: MatrixType) throws {
        try withTimedScene { scene in
            let (server, client) = try (bound.socket(scene), connecting.socket(scene))
            guard !bound.type.isCompatible(with: connecting.type) else {
                try scene.connect(client, to: server)
                return try scene.exchange(client, server)
            }
            var (failures, disconnects) = ([:] as [SocketType: [String]], 0)
            for socket in [server, client] {
                socket.onEvent = { socket, event in
                    if event.isFailure { failures[socket.type, default: []].append(event.reason?.message ?? "") }
                    if event.isDisconnect { disconnects += 1 }
                }
            }
            let endpoint = try scene.endpoint(of: server)
            try client.connect(endpoint)
            // Messages must not get through.
            if let sender = client as? any SendingSocket, !(sender is RepSocket) { _ = try? sender.send("early") }
            try scene.wait("both refusals") { failures.values.reduce(0) { $0 + $1.count } >= 2 }
            scene.settle()
            #expect(failures.values.allSatisfy { $0.allSatisfy { !$0.isEmpty } })
            #expect(client.peerCount == 0 && server.peerCount == 0 && disconnects == 0)
            // It was rejected with ERROR: it does not retry.
            #expect(failures.values.reduce(0) { $0 + $1.count } == 2)
            if let receiver = server as? any ReceivingSocket, !(server is ReqSocket) {
                #expect(try receiver.tryReceive() == nil)
            }
            let (clientOfServer, serverOfClient) = try (bound.partner.socket(scene), connecting.partner.socket(scene))
            try scene.connect(clientOfServer, to: server)
            try scene.exchange(clientOfServer, server)
            try scene.connect(client, to: serverOfClient)
            try scene.exchange(client, serverOfClient)
        }
    }

    @Test("CMB-11, N-5: an illegal peer is answered with ERROR, whatever its type", arguments: MatrixType.all)
    func errorOnTheWire(bound: MatrixType) throws {
        try withScene { scene in
            let server = try bound.socket(scene)
            let endpoint = try scene.endpoint(of: server)
            for type in SocketType.allCases where !bound.type.isCompatible(with: type) {
                let peer = try RawPeer(endpoint)
                peer.shakeHands(as: type.rawValue)
                try scene.wait("the end of \(type)") {
                    peer.poll()
                    return peer.isClosed
                }
                let answer = String(decoding: peer.received.dropFirst(67).prefix(5), as: UTF8.self)
                #expect(answer == "ERROR", "\(type)")
            }
            #expect(server.peerCount == 0)
        }
    }
}
