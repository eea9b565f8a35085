import ZMQReactor

/// What a node's socket is, and what it does.
enum Role: String {
    case push, pull, pub, sub, xpub, xsub, req, rep, dealer, router, pair, stream
    case client, server, scatter, gather, channel, peer, radio, dish

    /// Whether it sends by itself, rather than in answer to something.
    var speaks: Bool {
        switch self {
        case .push, .pub, .xpub, .xsub, .req, .dealer, .pair, .stream, .client, .scatter, .channel, .peer, .radio: true
        case .pull, .sub, .rep, .router, .server, .gather, .dish: false
        }
    }

    /// Whether its messages go to all that want them.
    var fansOut: Bool { self == .pub || self == .xpub || self == .radio }

    /// Whether they go to more than one peer.
    var goesToAll: Bool { fansOut || self == .xsub }

    /// Whether a message that waits for a peer which is gone may leave to another one, and so behind younger ones.
    var redistributes: Bool { [.push, .dealer, .req, .scatter, .client].contains(self) }

    /// Whether its peer is one alone.
    var isExclusive: Bool { self == .pair || self == .channel }

    /// Whether its messages have one frame, beside the one that names a peer or a group.
    var hasOneFrame: Bool {
        switch self {
        case .client, .server, .scatter, .gather, .channel, .peer, .radio, .dish: true
        default: false
        }
    }

    /// Whether it numbers its peers, so that one that is gone cannot be sent to.
    var numbersPeers: Bool { self == .server || self == .peer }

    /// Why it may drop messages while it lives, whatever its options, by the rules of its type.
    var drops: Set<DropReason> {
        switch self {
        case .push, .scatter: [.peerGone, .lingerExpired, .unexpected]
        case .pull, .gather, .stream: [.peerGone, .lingerExpired, .noSuchPeer]
        case .pub, .radio: [.queueFull, .peerGone, .lingerExpired, .unexpected]
        case .xpub: [.queueFull, .peerGone, .lingerExpired, .noSuchPeer]
        case .sub, .dish: [.notSubscribed, .lingerExpired]
        case .xsub: [.queueFull, .peerGone, .lingerExpired]
        // Undelivered is a reply that a session has read when its REQ gives up.
        case .req: [.peerGone, .lingerExpired, .unexpected, .undelivered]
        case .rep: [.queueFull, .peerGone, .lingerExpired, .malformed]
        case .dealer, .pair, .client, .server, .channel, .peer: [.peerGone, .lingerExpired]
        case .router: [.queueFull, .peerGone, .lingerExpired, .noSuchPeer]
        }
    }

    /// Whether each of its drops of what is to be sent now is reported to its handler.
    var reportsDrops: Bool { [.pub, .xpub, .xsub, .router, .radio].contains(self) }
}
