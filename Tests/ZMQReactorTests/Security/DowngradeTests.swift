import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// A socket with a mechanism serves no peer over another one, nor over a version of ZMTP without mechanisms, whichever
/// side connects.
@Suite(.hangLimit) struct DowngradeTests {
    typealias Scheme = AuthenticatorTests.Scheme

    /// How a peer tries to get by without the mechanism.
    enum Offer: CaseIterable {
        case v1_0, v2_0, null3_0, null3_1, plain, curve, unknown, lowerCase

        /// All that the peer sends, up to a message.
        var bytes: [UInt8] {
            let ready = Wire.ready("PUSH")
            return switch self {
            case .v1_0: Wire.anonymous1 + Wire.message1("hello")
            case .v2_0: Wire.greeting2(type: 8) + Wire.message("hello")
            case .null3_0: Wire.greeting(minor: 0) + ready + Wire.message("hello")
            case .null3_1: Wire.greeting() + ready + Wire.message("hello")
            case .plain:
                Wire.greeting(mechanism: "PLAIN") + Wire.command("WELCOME") + ready + Wire.message("hello")
            case .curve: Wire.greeting(mechanism: "CURVE") + ready + Wire.message("hello")
            case .unknown: Wire.greeting(mechanism: "GSSAPI") + ready + Wire.message("hello")
            case .lowerCase: Wire.greeting(mechanism: "null") + ready + Wire.message("hello")
            }
        }

        /// The scheme whose peers may begin like this.
        var scheme: Scheme? {
            switch self {
            case .null3_0, .null3_1: .null
            case .plain: .plain
            #if Curve
                case .curve: .curve
            #endif
            default: nil
            }
        }
    }

    /// A socket that is set up for a mechanism.
    struct Side: CustomTestStringConvertible {
        let scheme: Scheme
        let isServer: Bool
        let connects: Bool

        /// A client of NULL expects no authenticator, and accepts older peers.
        static let all = Scheme.allCases.flatMap { scheme in
            [true, false].flatMap { isServer in
                [true, false].map { Side(scheme: scheme, isServer: isServer, connects: $0) }
            }
        }.filter { $0.scheme != .null || $0.isServer }

        func security() throws -> SocketSecurity {
            let sides = try scheme.sides(.acceptAll)
            return isServer ? sides.server : sides.client
        }

        var testDescription: String {
            "\(scheme) \(isServer ? "server" : "client"), \(connects ? "connecting" : "bound")"
        }
    }

    /// What a connection has come to.
    private struct Outcome {
        /// Without the greeting, which may be shorter for older peers.
        var sent: [UInt8]
        var reasons: [EventReason]
        var isClosed: Bool
        var peers: Int
    }

    /// Lets a socket meet one raw peer that sends the bytes.
    private func meet(_ socket: Socket, _ scene: Scene, connects: Bool, _ bytes: [UInt8]) throws -> Outcome {
        var outcome = Outcome(sent: [], reasons: [], isClosed: false, peers: 0)
        socket.onEvent = { _, event in
            switch event {
            case .handshakeFailed(_, _, let reason), .disconnected(_, _, let reason): outcome.reasons.append(reason)
            default: break
            }
        }
        let peer: RawPeer
        if connects {
            let listener = try scene.rawListener()
            try socket.connect(listener.endpoint)
            peer = try listener.accept()
            listener.close()
        } else {
            peer = try scene.rawPeer(to: socket.bind(scene.anyEndpoint))
        }
        peer.send(bytes)
        scene.run(for: .milliseconds(200))
        peer.poll()
        (outcome.sent, outcome.isClosed) = (Array(peer.received.dropFirst(64)), peer.isClosed)
        outcome.peers = socket.peerCount
        peer.hangUp()
        return outcome
    }

    @Test(
        "CVE-2014-7202, D-2, G-7: an older version or another mechanism is no way in",
        arguments: Side.all,
        Offer.allCases
    )
    func receives(side: Side, offer: Offer) throws {
        guard offer.scheme != side.scheme else { return }
        try withVirtualScene { scene in
            let security = try side.security()
            let pull = try scene.pull { $0.security = security }
            let outcome = try meet(pull, scene, connects: side.connects, offer.bytes)
            #expect(outcome.reasons.map(\.kind) == [.protocolError], "\(outcome.reasons)")
            #expect(outcome.isClosed && outcome.peers == 0)
            #expect(pull.statistics.messagesReceived == 0)
            // Neither a command nor a password.
            #expect(outcome.sent == [])
        }
    }

    @Test(
        "CVE-2014-7202, D-2, G-7: nothing is sent over an older version or another mechanism",
        arguments: Side.all
    )
    func sends(side: Side) throws {
        let offers: [[UInt8]] = [
            Wire.anonymous1, Wire.greeting2(type: 7), Wire.greeting(minor: 0) + Wire.ready("PULL"),
            Wire.greeting() + Wire.ready("PULL"), Wire.greeting(mechanism: "GSSAPI") + Wire.ready("PULL"),
        ]
        for (index, offer) in offers.enumerated() where side.scheme != .null || !(2...3).contains(index) {
            try withVirtualScene { scene in
                let security = try side.security()
                let push = try scene.push { ($0.security, $0.linger) = (security, .none) }
                let outcome = try meet(push, scene, connects: side.connects, offer)
                _ = try push.send("secret")
                scene.settle()
                #expect(outcome.reasons.map(\.kind) == [.protocolError], "\(outcome.reasons)")
                #expect(outcome.isClosed && outcome.peers == 0 && outcome.sent == [])
                #expect(push.statistics.messagesSent == 0)
            }
        }
    }

    @Test("the same peers are served by a socket without security", arguments: [Offer.v1_0, .v2_0, .null3_0, .null3_1])
    func open(offer: Offer) throws {
        for connects in [true, false] {
            try withVirtualScene { scene in
                let pull = try scene.pull()
                let outcome = try meet(pull, scene, connects: connects, offer.bytes)
                #expect(outcome.reasons.isEmpty && outcome.peers == 1)
                #expect(try pull.tryReceive() == "hello")
            }
        }
    }
}
