import ZMTP

/// A topic with which a SUB asks a publisher of this framework for a confirmation, and the answer: a message of that
/// topic, to this subscriber alone.
///
/// Subscriptions are carried out in order, so that with the answer all earlier ones have taken effect. Only publishers
/// that say in their handshake that they confirm are asked: to all others nothing of it is visible.
enum SubscriptionToken {
    /// In the READY of a publisher that confirms.
    static let property = "X-Confirms-Subscriptions"
    static let propertyValue: [UInt8] = [UInt8(ascii: "1")]

    /// What all tokens begin with, and no topic of an application does.
    private static let prefix: [UInt8] = [0] + Array("zmq-reactor confirm ".utf8) + [0xA7, 0x3C, 0x91]

    static var size: Int { prefix.count + 8 }

    static func make(_ number: UInt64) -> [UInt8] { prefix + withUnsafeBytes(of: number.bigEndian, Array.init) }

    static func isToken(_ topic: UnsafeRawBufferPointer) -> Bool { topic.count == size && topic.starts(with: prefix) }

    static func isToken(_ message: borrowing Message) -> Bool {
        message.frameCount == 1 && message.withUnsafeBytes { isToken($0) }
    }

    /// What a socket of a type says in a handshake.
    static func announce(of type: SocketType, in metadata: inout Metadata) {
        if type.traits.contains(.confirmsSubscriptions) { metadata.append(property, propertyValue) }
    }
}

extension Peer {
    var confirmsSubscriptions: Bool { metadata[SubscriptionToken.property] == SubscriptionToken.propertyValue }
}
