import ZMTP

/// What a socket type does and can be used for. Each type is one row below; its properties on the wire are a row of
/// ZMTP's.
///
/// There is no other list of socket types in the library.
struct SocketTraits: OptionSet, Sendable {
    let rawValue: UInt32

    /// It can send messages.
    static let sends = SocketTraits(rawValue: 1 << 0)
    /// It receives messages.
    static let receives = SocketTraits(rawValue: 1 << 1)
    /// It alternates between sending and receiving one message: neither is possible at any time.
    static let lockstep = SocketTraits(rawValue: 1 << 2)
    /// It may keep the newest message instead of a queue.
    static let conflatable = SocketTraits(rawValue: 1 << 3)
    /// A second connection to an endpoint would deliver every message twice, or serve one peer as two. libzmq makes
    /// none for SUB, PUB, DEALER and REQ; see zmq_connect(3).
    static let connectsOnce = SocketTraits(rawValue: 1 << 4)
    /// It has one peer at a time.
    static let onePeer = SocketTraits(rawValue: 1 << 5)
    /// No two of its peers have the same routing id.
    static let namesPeers = SocketTraits(rawValue: 1 << 6)
    /// Its peers' subscriptions arrive as messages.
    static let showsSubscriptions = SocketTraits(rawValue: 1 << 7)
    /// A proxy can use it for capture.
    static let captures = SocketTraits(rawValue: 1 << 8)
    /// A proxy can use it for control.
    static let controls = SocketTraits(rawValue: 1 << 9)
    /// Its connections are plain byte streams, without ZMTP, to other programs.
    static let raw = SocketTraits(rawValue: 1 << 10)
    /// Its queued messages are for the connected endpoint, not for a peer: the next peer found there receives them.
    static let queuesForEndpoint = SocketTraits(rawValue: 1 << 11)
    /// It receives only what it has subscribed to.
    static let selects = SocketTraits(rawValue: 1 << 12)
    /// Its messages have one frame (TS-1).
    static let singleFrame = SocketTraits(rawValue: 1 << 13)
    /// Its messages have a frame in front that names their sender, or their group.
    static let envelops = SocketTraits(rawValue: 1 << 14)
    /// What it exchanges are datagrams, which are not those of a peer.
    static let datagrams = SocketTraits(rawValue: 1 << 15)
    /// It answers subscribers of this framework when their subscriptions have taken effect.
    static let confirmsSubscriptions = SocketTraits(rawValue: 1 << 16)
}

extension SocketType {
    /// The traits of this type.
    var traits: SocketTraits {
        switch self {
        case .req: [.sends, .receives, .lockstep, .connectsOnce]
        case .rep: [.sends, .receives, .lockstep, .controls]
        case .dealer: [.sends, .receives, .conflatable, .connectsOnce, .queuesForEndpoint, .captures, .controls]
        case .router: [.sends, .receives, .namesPeers, .controls, .envelops]
        case .pub: [.sends, .conflatable, .connectsOnce, .queuesForEndpoint, .captures, .confirmsSubscriptions]
        case .sub: [.receives, .conflatable, .connectsOnce, .queuesForEndpoint, .controls, .selects]
        case .xpub:
            [
                .sends, .receives, .showsSubscriptions, .connectsOnce, .queuesForEndpoint, .captures, .controls,
                .confirmsSubscriptions,
            ]
        case .xsub: [.sends, .receives, .connectsOnce, .queuesForEndpoint, .controls]
        case .push: [.sends, .conflatable, .queuesForEndpoint, .captures]
        case .pull: [.receives, .conflatable, .queuesForEndpoint, .controls]
        case .pair: [.sends, .receives, .onePeer, .queuesForEndpoint, .captures, .controls]
        case .stream: [.sends, .receives, .controls, .raw, .envelops]
        case .client: [.sends, .receives, .connectsOnce, .queuesForEndpoint, .singleFrame]
        case .server: [.sends, .receives, .envelops]
        case .radio: [.sends, .connectsOnce, .queuesForEndpoint]
        case .dish: [.receives, .connectsOnce, .queuesForEndpoint, .selects, .envelops]
        case .scatter: [.sends, .queuesForEndpoint, .singleFrame]
        case .gather: [.receives, .queuesForEndpoint, .controls, .singleFrame]
        case .peer: [.sends, .receives, .queuesForEndpoint, .envelops]
        case .dgram: [.sends, .receives, .envelops, .datagrams]
        case .channel: [.sends, .receives, .onePeer, .queuesForEndpoint, .singleFrame]
        }
    }
}
