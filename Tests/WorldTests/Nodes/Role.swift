import ZMQReactor

/// What a node's socket is, and what it does.
enum Role: String {
    case push, pull, pub, sub, xpub, xsub, req, rep, dealer, router, pair, stream

    /// Whether it sends by itself, rather than in answer to something.
    var speaks: Bool {
        switch self {
        case .push, .pub, .xpub, .xsub, .req, .dealer, .pair, .stream: true
        case .pull, .sub, .rep, .router: false
        }
    }

    /// Whether its messages go to all that want them.
    var fansOut: Bool { self == .pub || self == .xpub }

    /// Whether they go to more than one peer.
    var goesToAll: Bool { fansOut || self == .xsub }

    /// Whether a message that waits for a peer which is gone may leave to another one, and so behind younger ones.
    var redistributes: Bool { self == .push || self == .dealer || self == .req }

    /// Whether its peer is one alone.
    var isExclusive: Bool { self == .pair }

    /// Why it may drop messages while it lives, whatever its options, by the rules of its type.
    var drops: Set<DropReason> {
        switch self {
        case .push: [.peerGone, .lingerExpired, .unexpected]
        case .pull, .stream: [.peerGone, .lingerExpired, .noSuchPeer]
        case .pub: [.queueFull, .peerGone, .lingerExpired, .unexpected]
        case .xpub: [.queueFull, .peerGone, .lingerExpired, .noSuchPeer]
        case .sub: [.notSubscribed, .lingerExpired]
        case .xsub: [.queueFull, .peerGone, .lingerExpired]
        case .req: [.peerGone, .lingerExpired, .unexpected]
        case .rep: [.queueFull, .peerGone, .lingerExpired, .malformed]
        case .dealer, .pair: [.peerGone, .lingerExpired]
        case .router: [.queueFull, .peerGone, .lingerExpired, .noSuchPeer]
        }
    }

    /// Whether each of its drops of what is to be sent now is reported to its handler.
    var reportsDrops: Bool { self == .pub || self == .xpub || self == .xsub || self == .router }
}
