import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

/// Steps of peers, network and application: a byte of a kind (its low half) and an argument, for some kinds followed by
/// bytes. A step of a peer is one of the peer that was chosen last, or else of the last one.
struct Life {
    let target: TargetSocket
    private var chosen: Int?
    /// Whether something but the sockets has ended a connection, or a message may be dropped.
    private(set) var isBroken = false

    init(_ target: TargetSocket, _ version: ProtocolVersion, shakesHands: Bool) {
        self.target = target
        guard shakesHands, let type = target.type.compatibleTypes.first else { return }
        target.greeting = { $0.shakeHands(as: type, version) }
        if let peer = target.peer { peer.shakeHands(as: type, version) }
        target.settle()
    }

    private var peer: TargetPeer? {
        guard let chosen, !target.peers.isEmpty else { return target.peer }
        return target.peers[chosen % target.peers.count]
    }

    mutating func step(_ input: inout FuzzInput) {
        let byte = input.byte()
        let argument = Int(byte >> 4)
        switch byte & 15 {
        case 0: peer?.say(input.bytes(argument + 1))
        case 1: peer?.say(messageOfShape: argument, behind: frontOfMessages)
        case 2: peer?.say(Wire.command("PING", [0, UInt8(argument)]))
        case 3:
            let names = target.type == .radio ? ["JOIN", "LEAVE"] : ["SUBSCRIBE", "CANCEL"]
            peer?.say(Wire.command(names[argument & 1], input.bytes(argument >> 2)))
        case 4: for _ in 0...argument { target.scene.reactor.run(.nowait) }
        case 5: target.settle()
        case 6: peer?.isReading.toggle()
        case 7: (argument & 1 == 0 ? peer?.toSocket : peer?.fromSocket)?.isStalled.toggle()
        case 8: send(argument)
        case 9: target.receive(atMost: argument)
        case 10: pass(.milliseconds(argument * argument * 50))
        case 11: peer?.toSocket.readSizes += repeatElement(argument + 1, count: 20)
        case 12: peer?.fromSocket.writeSizes += repeatElement(argument + 1, count: 20)
        case 13: breakOff(argument)
        case 14: act(argument)
        default: change(argument)
        }
    }

    /// What stands in front of the messages of a peer.
    private var frontOfMessages: [[UInt8]] {
        switch target.type {
        case .req, .rep: [[]]
        case .dish: [[0x67]]
        default: []
        }
    }

    private func send(_ argument: Int) {
        if argument == 15 { return target.send(size: 100_000) }
        for number in 0...argument { target.send(size: number * argument * 40, frameCount: 1 + argument % 3) }
    }

    private func pass(_ time: Duration) {
        target.scene.run(for: time)
        target.settle()
    }

    private mutating func breakOff(_ how: Int) {
        isBroken = true
        switch how & 3 {
        case 0: peer?.finish()
        case 1: peer?.breakConnection()
        case 2: peer?.reset()
        default: peer?.hangUp()
        }
    }

    /// What an application does with a socket.
    private mutating func act(_ number: Int) {
        let socket = target.socket
        switch number {
        case 0:
            isBroken = true
            socket.close()
        case 1: (socket as? any ReceivingSocket)?.pause()
        case 2: (socket as? any ReceivingSocket)?.resume()
        case 3...5: try? (socket as? SubscribingSocket)?.subscribe(to: ["", "A", "B"][number - 3])
        case 6, 7: try? (socket as? SubscribingSocket)?.unsubscribe(from: ["", "A"][number - 6])
        case 8: try? socket.configure { ($0.sendBudget, $0.receiveBudget) = (2000, 2000) }
        case 9: try? socket.configure { $0.linger = .none }
        case 10: target.receiveFrames()
        case 11: setOption()
        case 12:
            isBroken = true
            target.actAsType()
        case 13: target.whenCalled = { $0.socket.close() }
        case 14: target.whenCalled = { $0.send(size: 3) }
        default: target.whenCalled = { $0.receive(atMost: 1) }
        }
        if number == 13 { isBroken = true }
    }

    private mutating func setOption() {
        switch target.socket {
        case let req as ReqSocket: (req.isRelaxed, req.correlatesReplies) = (true, !req.correlatesReplies)
        case let router as RouterSocket:
            router.isMandatory.toggle()
            router.allowsHandover.toggle()
            router.probesPeers.toggle()
            router.bindsRoutingIDsToUsers = router.isMandatory && target.sentCount.isMultiple(of: 2)
        case let xpub as XPubSocket: (xpub.verbosity, xpub.blocksWhenFull) = (.verboser, true)
        case let pub as PubSocket: pub.invertsMatching.toggle()
        case let radio as RadioSocket:
            let isLimited = radio.subscriptionLimits.topics == 2
            radio.subscriptionLimits = isLimited ? SubscriptionLimits() : SubscriptionLimits(topics: 2, bytes: 100)
        case let sub as SubSocket: sub.invertsMatching.toggle()
        case let stream as StreamSocket:
            stream.deliversNotices.toggle()
            stream.isMandatory.toggle()
        default: try? target.socket.configure { $0.isImmediate.toggle() }
        }
    }

    /// Endpoints, and which peer is meant.
    private mutating func change(_ number: Int) {
        switch number {
        case 0: target.addPeer()
        case 1:
            isBroken = true
            try? target.socket.disconnect(target.endpoint)
        case 2: try? target.socket.unbind(target.endpoint)
        case 3: target.connect()
        case 4: _ = try? target.socket.bind(target.endpoint)
        case 5: target.scene.network.onConnect = { _ in .refused }
        case 6: target.scene.network.onConnect = { _ in .none }
        case 7:
            target.scene.network.onConnect = nil
            target.scene.network.answerAgain()
        case 8: peer?.toSocket.split = .atMost(1)
        case 9: peer?.toSocket.delay = .milliseconds(40)
        case 10: chosen = nil
        default: chosen = number - 11
        }
        target.settle()
    }
}
