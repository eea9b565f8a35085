import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

// What the application does, and what it is called with.
extension TargetSocket {
    func note(_ event: SocketEvent) {
        switch event {
        case .accepted, .connected: begun += 1
        case .handshakeSucceeded(_, _, let type): peerTypes.append(type)
        case .handshakeFailed(_, _, let reason), .disconnected(_, _, let reason): ends.append("\(reason)")
        default: break
        }
        whenCalled?(self)
    }

    /// Whether the socket puts the peer's name in front of what it receives.
    private var namesPeers: Bool { socket is RouterSocket || socket is StreamSocket || socket is NumberingSocket }

    func take(_ message: Message) {
        if namesPeers { nameOfPeer = message[0] }
        let bodies = message.dropFirst(namesPeers ? 1 : 0).map { [UInt8]($0) }
        received.append(bodies)
        let name = namesPeers ? [[UInt8](message[0])] : []
        if kept.count < 20 { kept.append((message, name + bodies)) }
        whenCalled?(self)
    }

    func answer(_ request: Message, _ reply: Reply) {
        take(request)
        if received.count.isMultiple(of: 3) { replies.append(reply) } else { reply.send("reply") }
    }

    /// Receives what there is, up to so many messages, and answers.
    func receive(atMost limit: Int = .max) {
        for reply in replies { reply.send("late") }
        replies = []
        guard let receiver = socket as? any ReceivingSocket, !socket.hasHandler else { return }
        var count = 0
        while count < limit, let message = try? receiver.tryReceive() {
            take(message)
            if let rep = socket as? RepSocket { _ = try? rep.send("reply") }
            count += 1
        }
    }

    /// Receives a message frame by frame.
    func receiveFrames() {
        guard let receiver = socket as? any ReceivingSocket, !socket.hasHandler else { return }
        var frames: [Frame] = []
        while let (frame, more) = try? receiver.tryReceiveFrame() {
            frames.append(frame)
            guard more else { break }
        }
        if !frames.isEmpty { take(Message(frames: frames)) }
    }

    /// Sends a message that is equal to no other; of types that have to name a recipient, to the last peer known.
    func send(size: Int, frameCount: Int = 1) {
        sentCount += 1
        let number = UInt8(truncatingIfNeeded: sentCount)
        let body =
            [0x40 | number & 0x3F, UInt8(truncatingIfNeeded: sentCount >> 6)]
            + [UInt8](repeating: number, count: size)
        let message = Message(frames: [Frame(body)] + (1..<frameCount).map { Frame([number, UInt8($0)]) })
        let isSent: Bool
        switch socket {
        case let router as RouterSocket:
            guard let name = nameOfPeer else { return }
            isSent = (try? router.send(message, to: name)) == .accepted
        case let stream as StreamSocket:
            guard let name = nameOfPeer else { return }
            isSent = (try? stream.send(body, to: name)) == .accepted
        case let server as NumberingSocket:
            guard let name = nameOfPeer else { return }
            isSent = (try? server.send(message, to: name)) == .accepted
        case let radio as RadioSocket: isSent = (try? radio.send(message, to: "g")) == .accepted
        case let rep as RepSocket: isSent = (try? rep.send(message)) == .accepted
        case let sender as any SendingSocket where frameCount == 1: isSent = (try? sender.send(body)) == .accepted
        case let sender as any SendingSocket: isSent = (try? sender.send(message)) == .accepted
        default: return
        }
        if isSent { sent.append(message.map { [UInt8]($0) }) }
    }

    /// What only sockets of its type can do.
    func actAsType() {
        switch socket {
        case let stream as StreamSocket:
            guard let name = nameOfPeer ?? stream.routingID(of: endpoint) else { return }
            _ = try? stream.send("to one", to: name)
            _ = try? stream.send(Message(frames: [name]))
            try? stream.hangUp(on: name)
        case let router as RouterSocket:
            guard (try? router.connect(endpoint, as: "given")) != nil else { return }
            isOwnPeer = isOwnPeer || listener == nil
            _ = try? router.send("to one", to: "given")
            guard let name = nameOfPeer, let peer = router.peer(name) else { return }
            _ = try? router.send("to one", to: peer.routingID)
        case let req as ReqSocket:
            _ = try? req.request("a request", timeout: .seconds(2), retries: 1) { [weak self] in
                if case .success(let reply) = $0 { self?.take(reply) }
            }
        case let xsub as XSubSocket: _ = try? xsub.send([1, 0x43])
        case let pub as PublishingSocket:
            pub.waitForSubscribers(2, within: .seconds(1)) { [weak self] _ in self.map { $0.whenCalled?($0) } }
            guard let xpub = pub as? XPubSocket, let subscriber = xpub.lastSubscriber else { return }
            xpub.isManual = true
            xpub.subscribe(subscriber, to: "")
            _ = try? xpub.send(Message("to one"), to: subscriber)
        case let dish as DishSocket: if (try? dish.join("h")) == nil { try? dish.leave("h") }
        case let radio as RadioSocket:
            radio.waitForMembers(2, within: .seconds(1)) { [weak self] _ in self.map { $0.whenCalled?($0) } }
            _ = try? radio.handle.send("again", to: "g")
        case let peer as PeerSocket:
            sendWithHandle(of: peer)
            guard let id = try? peer.connectPeer(endpoint) else { return }
            isOwnPeer = isOwnPeer || listener == nil
            _ = try? peer.send("to one", to: id)
            _ = try? peer.handle.send("again", to: id)
        case let sender as any ShareableSocket: sendWithHandle(of: sender)
        default: break
        }
    }

    /// Sends as another thread does.
    private func sendWithHandle<S: ShareableSocket>(of sender: S) {
        guard sender is NumberingSocket else { return _ = try? sender.handle.send("again") }
        if let name = nameOfPeer { _ = try? sender.handle.send([name, "again"] as Message) }
    }

    /// Lets go of the messages it has kept. Returns whether one of them has changed.
    func letGo() -> String? {
        defer { kept = [] }
        for (message, bodies) in kept where message.map({ [UInt8]($0) }) != bodies {
            return "a message has changed after it was delivered: \(message), not \(bodies)"
        }
        return nil
    }

    /// Lets everything pass that takes no time, with an application that receives and peers that take everything.
    func finish() {
        var before: [Int] = []
        for _ in 0..<10_000 {
            settle()
            receive()
            let now = progress
            if now == before { return }
            before = now
        }
    }

    /// Lets everything pass that is on its way.
    func finishSlowly() {
        var before: [Int] = []
        for _ in 0..<10_000 {
            for _ in 0..<5 {
                scene.run(for: .milliseconds(10))
                finish()
            }
            let now = progress
            if now == before { return }
            before = now
        }
    }

    /// Numbers that change for as long as anything does.
    private var progress: [Int] {
        peers.map { $0.sent.count + $0.received.count } + [received.count, socket.statistics.bytesReceived]
    }

    /// For the description of a fault.
    var state: String {
        let bytes = peers.map { "\($0.sent.count) bytes sent, \($0.received.count) received" }
        return "peers \(peerTypes) with \(bytes), ends \(ends), dropped \(socket.statistics.dropped)"
    }
}
