package import ZMTP

/// What a socket type does and can be used for. Each type is one row below; its properties on the wire are a row of
/// ZMTP's.
///
/// There is no other list of socket types in the program.
package struct SocketTraits: OptionSet, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// It can send messages.
    package static let sends = SocketTraits(rawValue: 1 << 0)
    /// It receives messages.
    package static let receives = SocketTraits(rawValue: 1 << 1)
    /// It alternates between sending and receiving one message: neither is possible at any time.
    package static let lockstep = SocketTraits(rawValue: 1 << 2)
    /// A received message that is sent again unchanged returns to its sender.
    package static let answers = SocketTraits(rawValue: 1 << 3)
    /// It may keep the newest message instead of a queue.
    package static let conflatable = SocketTraits(rawValue: 1 << 4)
    /// A second connection to an endpoint would deliver every message twice, or serve one peer as two. libzmq makes
    /// none for SUB, PUB, DEALER and REQ; see zmq_connect(3).
    package static let connectsOnce = SocketTraits(rawValue: 1 << 5)
    /// It has one peer at a time.
    package static let onePeer = SocketTraits(rawValue: 1 << 6)
    /// No two of its peers have the same routing id.
    package static let namesPeers = SocketTraits(rawValue: 1 << 7)
    /// The application subscribes it to topics.
    package static let subscribes = SocketTraits(rawValue: 1 << 8)
    /// Its peers' subscriptions arrive as messages.
    package static let showsSubscriptions = SocketTraits(rawValue: 1 << 9)
    /// A proxy can use it for capture.
    package static let captures = SocketTraits(rawValue: 1 << 10)
    /// A proxy can use it for control.
    package static let controls = SocketTraits(rawValue: 1 << 11)
    /// Its connections are plain byte streams, without ZMTP, to other programs.
    package static let raw = SocketTraits(rawValue: 1 << 12)
    /// Its queued messages are for the connected endpoint, not for a peer: the next peer found there receives them.
    package static let queuesForEndpoint = SocketTraits(rawValue: 1 << 13)
}

extension SocketType {
    /// The traits of this type; empty for one that is known by name only.
    package var traits: SocketTraits {
        switch self {
        case .req: [.sends, .receives, .lockstep, .connectsOnce]
        case .rep: [.sends, .receives, .lockstep, .answers, .controls]
        case .dealer:
            [.sends, .receives, .answers, .conflatable, .connectsOnce, .queuesForEndpoint, .captures, .controls]
        case .router: [.sends, .receives, .answers, .namesPeers, .controls]
        case .pub: [.sends, .conflatable, .connectsOnce, .queuesForEndpoint, .captures]
        case .sub: [.receives, .subscribes, .conflatable, .connectsOnce, .queuesForEndpoint, .controls]
        case .xpub: [.sends, .receives, .showsSubscriptions, .connectsOnce, .queuesForEndpoint, .captures, .controls]
        case .xsub: [.sends, .receives, .subscribes, .connectsOnce, .queuesForEndpoint, .controls]
        case .push: [.sends, .conflatable, .queuesForEndpoint, .captures]
        case .pull: [.receives, .conflatable, .queuesForEndpoint, .controls]
        case .pair: [.sends, .receives, .answers, .onePeer, .queuesForEndpoint, .captures, .controls]
        case .stream: [.sends, .receives, .answers, .controls, .raw]
        case .client, .server, .radio, .dish, .scatter, .gather, .peer, .channel: []
        }
    }

    /// The types that are implemented.
    package static var built: [SocketType] { allCases.filter { !$0.traits.isEmpty } }
}
