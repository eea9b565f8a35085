import ZMQReactorTestSupport

@testable import ZMTP

/// The initial corpus: the bytes that a socket of each type receives from a peer of each compatible type.
enum Sessions {
    /// Lines for the targets `handshake` and `traffic`, and for `connection` with the types that have no older peers.
    static func print() {
        for example in Example.all {
            let connects = example.configuration.role == .connecting ? 1 : 0
            line("handshake", example.testDescription, example.configuration.socketType, 64 + connects, example.input)
        }
        for type in SocketType.allCases where type.legacyCode == nil && type != .stream {
            for peer in type.compatibleTypes {
                let name = "\(peer) to \(type)"
                let bytes = handshake(of: peer, with: type) + traffic(of: peer, to: type, .v3_1)
                line("handshake", name, type, 64, bytes)
                for version in [ProtocolVersion.v3_1, .v3_0] {
                    let switches = 64 * Int(ProtocolVersion.v3_1.rawValue - version.rawValue)
                    line("traffic", "\(name), \(version)", type, switches, traffic(of: peer, to: type, version))
                }
            }
        }
        for type in SocketType.allCases where type.legacyCode != nil {
            for peer in type.compatibleTypes {
                let name = "\(peer) to \(type)"
                line("handshake", name, type, 64, handshake(of: peer, with: type) + traffic(of: peer, to: type, .v3_1))
                for version in [ProtocolVersion.v3_1, .v3_0, .v2_0, .v1_0] {
                    let switches = 64 * Int(ProtocolVersion.v3_1.rawValue - version.rawValue)
                    line("traffic", "\(name), \(version)", type, switches, traffic(of: peer, to: type, version))
                }
            }
        }
    }

    private static func line(_ target: String, _ name: String, _ type: SocketType, _ switches: Int, _ bytes: [UInt8]) {
        let header = [UInt8(SocketType.allCases.firstIndex(of: type)!), UInt8(switches), 1]
        Swift.print("\(target) \(name): \(hexadecimal(header + bytes))")
    }

    /// The bytes that `peer` sends to a socket of `type` until the handshake is complete.
    private static func handshake(of peer: SocketType, with type: SocketType) -> [UInt8] {
        var accepting = Session(.accepting(type, legacy: true))
        var connecting = Session(.connecting(peer, identity: [0x69, 0x64], legacy: true))
        var (there, back) = (0, 0)
        while there < connecting.transcript.output.count || back < accepting.transcript.output.count {
            let said = connecting.transcript.output.dropFirst(there)
            there += said.count
            accepting.feed(said)
            let answered = accepting.transcript.output.dropFirst(back)
            back += answered.count
            connecting.feed(answered)
        }
        return connecting.transcript.output
    }

    /// Traffic that such a peer may send.
    private static func traffic(of peer: SocketType, to type: SocketType, _ version: ProtocolVersion) -> [UInt8] {
        var bytes: [UInt8] = []
        if type.takesSubscriptions {
            for topic in [[], [0x41], Wire.zeros(250)] {
                Subscription.subscribe.append(topic: topic, for: version, to: &bytes)
                Subscription.cancel.append(topic: topic, for: version, to: &bytes)
            }
        }
        if type == .radio {
            for group in [[], [0x41], [UInt8](repeating: 0x42, count: 255)] as [[UInt8]] {
                bytes += Wire.command("JOIN", group) + Wire.command("LEAVE", group)
            }
        }
        let messages: [[[UInt8]]] =
            type == .dish
            ? [[[0x67], [0x61]], [[], [0x62]]]
            : isSingle(type) ? [[[0x61]], [Wire.zeros(260)]] : [[[0x61]], [[], [0x62]], [[1], Wire.zeros(260), []]]
        guard version > .v1_0 else { return bytes + messages.flatMap { Wire.message1($0) } }
        bytes += messages.flatMap { Wire.message($0) }
        guard version > .v2_0 else { return bytes }
        return bytes + Wire.frame(flags: 1, [2]) + Wire.ping("c", timeToLive: 9) + Wire.pong("d")
            + Wire.command("X", [0])
            + Wire.frame(flags: 0, [3], long: true) + Wire.error("bye")
    }

    /// Whether a message of several frames would end the connection.
    private static func isSingle(_ type: SocketType) -> Bool {
        [.client, .server, .gather, .scatter, .channel, .peer].contains(type)
    }
}
