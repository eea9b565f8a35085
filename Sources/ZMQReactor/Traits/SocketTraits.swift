package import ZMTP

/// What a type of socket does and can be used for. Each type is one row below; what shows on the wire is a row of ZMTP's.
///
/// Nothing else in the program lists types of sockets.
package struct SocketTraits: OptionSet, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Messages can be sent with it.
    package static let sends = SocketTraits(rawValue: 1 << 0)
    /// Messages arrive at it.
    package static let receives = SocketTraits(rawValue: 1 << 1)
    /// It sends and receives in turn, one message each: neither is possible at any time.
    package static let lockstep = SocketTraits(rawValue: 1 << 2)
    /// What has arrived goes back to where it came from when it is sent again as it is.
    package static let answers = SocketTraits(rawValue: 1 << 3)
    /// It may keep the newest message in the place of a queue.
    package static let conflatable = SocketTraits(rawValue: 1 << 4)
    /// A second connection to an endpoint would have every message travel twice, or one peer served as two. libzmq makes none for
    /// SUB, PUB, DEALER and REQ, see zmq_connect(3).
    package static let connectsOnce = SocketTraits(rawValue: 1 << 5)
    /// It has one peer at a time.
    package static let onePeer = SocketTraits(rawValue: 1 << 6)
    /// No two of its peers have the same routing id.
    package static let namesPeers = SocketTraits(rawValue: 1 << 7)
    /// The application subscribes to topics.
    package static let subscribes = SocketTraits(rawValue: 1 << 8)
    /// Subscriptions of its peers arrive as messages.
    package static let showsSubscriptions = SocketTraits(rawValue: 1 << 9)
    /// A proxy can show it what passes.
    package static let captures = SocketTraits(rawValue: 1 << 10)
    /// A proxy can take commands from it.
    package static let controls = SocketTraits(rawValue: 1 << 11)
    /// Its connections are plain streams of bytes, without ZMTP, and lead out of the program.
    package static let raw = SocketTraits(rawValue: 1 << 12)
    /// What is queued is for the endpoint that was connected to, and not for a peer: the next one that is found there gets it.
    package static let queuesForEndpoint = SocketTraits(rawValue: 1 << 13)
}

extension SocketType {
    /// What this type does; nothing for one that is known by name only.
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

    /// The types that there is a socket of.
    package static var built: [SocketType] { allCases.filter { !$0.traits.isEmpty } }
}
