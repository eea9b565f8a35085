import TestSupport
import Testing
import ZMTP

@testable import ZMQReactor

/// How the tests of all pairs make a socket of a type, send with it and receive from it.
struct MatrixType: Sendable, CustomTestStringConvertible {
    let type: SocketType
    let make: @Sendable (Reactor, Context, SocketOptions) throws -> Socket

    var testDescription: String { type.rawValue }

    /// Every type there is; a new one is a line.
    static let all: [MatrixType] = [
        MatrixType(type: .pub) { try PubSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .sub) { try subscribed(SubSocket(on: $0, in: $1, options: $2)) },
        MatrixType(type: .xpub) { try XPubSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .xsub) { try subscribed(XSubSocket(on: $0, in: $1, options: $2)) },
        MatrixType(type: .push) { try PushSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .pull) { try PullSocket(on: $0, in: $1, options: $2) },
        MatrixType(type: .pair) { try PairSocket(on: $0, in: $1, options: $2) },
    ]

    static func of(_ type: SocketType) -> MatrixType { all.first { $0.type == type }! }

    private static func subscribed<S: SubscribingSocket>(_ socket: S) throws -> S {
        try socket.subscribe(to: "")
        return socket
    }

    /// A type whose sockets this one may talk to.
    var partner: MatrixType { Self.all.first { $0.type.isCompatible(with: type) }! }

    func socket(_ scene: Scene) throws -> Socket {
        scene.track(try make(scene.reactor, scene.context, Scene.options { $0.linger = .none }))
    }
}

extension Scene {
    /// Sends what a socket can send to one that can receive, both connected to each other; nothing when it cannot.
    fileprivate func pass(_ message: Message, from sender: Socket, to receiver: Socket) throws {
        guard let receiver = receiver as? any ReceivingSocket,
            sender is any SendingSocket || sender is any BroadcastingSocket
        else { return }
        if let publisher = sender as? PublishingSocket { try wait(for: 1, subscribersOf: publisher) }
        if let sender = sender as? any SendingSocket { #expect(try sender.send(message) == .accepted) }
        if let sender = sender as? any BroadcastingSocket { try sender.send(message) }
        // An XPUB is told of subscriptions as well.
        var received = try receive(receiver)
        while receiver is XPubSocket, received[0].first == 1 { received = try receive(receiver) }
        // What could not be sent to a peer of the wrong type was kept for one of the right one.
        while received == "early" { received = try receive(receiver) }
        #expect(received == message)
    }

    /// Sees that two sockets, and what either has to send, find each other.
    fileprivate func exchange(_ one: Socket, _ other: Socket) throws {
        for message in ["x", ["", "y", ""], [Frame(Pattern.bytes(50_000))]] as [Message] {
            try pass(message, from: one, to: other)
            try pass(message, from: other, to: one)
        }
    }
}

@Suite struct TypeMatrixTests {
    @Test(
        "CMB-01, CMB-08, CMB-09, CMB-10, CMB-11: legal pairs deliver, illegal ones are refused and stay fit for others",
        arguments: MatrixType.all,
        MatrixType.all
    )
    func pair(bound: MatrixType, connecting: MatrixType) throws {
        try withScene { scene in
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
            // Whatever it has to say must not get through.
            if let sender = client as? any SendingSocket { _ = try sender.send("early") }
            try scene.wait("both refusals") { failures.values.reduce(0) { $0 + $1.count } >= 2 }
            scene.settle()
            #expect(failures.values.allSatisfy { $0.allSatisfy { !$0.isEmpty } })
            #expect(client.peerCount == 0 && server.peerCount == 0 && disconnects == 0)
            // It was refused with ERROR: it does not try again.
            #expect(failures.values.reduce(0) { $0 + $1.count } == 2)
            if let receiver = server as? any ReceivingSocket { #expect(try receiver.tryReceive() == nil) }
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
