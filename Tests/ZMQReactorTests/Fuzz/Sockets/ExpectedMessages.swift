@testable import ZMTP

/// The messages that a socket may deliver of those that its peers have sent.
enum ExpectedMessages {
    static func of(_ type: SocketType, _ peers: [WireReader]) -> SentMessages {
        var sent = SentMessages()
        for (number, peer) in peers.enumerated() {
            if type == .xpub, peer.isVersion1 {
                // It is subscribed to everything: a 1.0 peer may not say so.
                sent.allow([[1]])
                sent.allow([[0]])
            }
            for message in peer.messages {
                switch type {
                case .req:
                    if message.count > 1, message[0].isEmpty { sent.add(Array(message.dropFirst()), from: number) }
                case .rep:
                    if let delimiter = message.firstIndex(of: []), delimiter + 1 < message.count {
                        sent.add(Array(message[(delimiter + 1)...]), from: number)
                    }
                case .pub, .push, .radio, .scatter: break
                case .xpub:
                    sent.add(message, from: number)
                    // With the peer, its subscriptions end.
                    if message[0].first == 1 { sent.allow([[0] + message[0].dropFirst()]) }
                default: sent.add(message, from: number)
                }
            }
        }
        return sent
    }

    /// What a socket writes of a message that its application has sent; nil where a type writes what it likes.
    static func body(of message: [[UInt8]], from type: SocketType) -> [[UInt8]]? {
        switch type {
        case .push, .pair, .dealer, .router, .pub, .xpub, .client, .server, .scatter, .channel, .peer: message
        case .req: message.first == [] ? Array(message.dropFirst()) : nil
        case .radio: message.count == 2 ? [message[1]] : nil
        default: nil
        }
    }
}
