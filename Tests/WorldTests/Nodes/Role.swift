/// What a node's socket is, and what it does.
enum Role: String {
    case push, pull, pub, sub, xpub, xsub, req, rep, dealer, router, pair

    /// Whether it sends by itself, rather than in answer to something.
    var speaks: Bool {
        switch self {
        case .push, .pub, .xpub, .req, .dealer, .pair: true
        case .pull, .sub, .xsub, .rep, .router: false
        }
    }

    /// Whether its messages go to all who want them.
    var fansOut: Bool { self == .pub || self == .xpub }

    /// Whether a message that waits for a peer which is gone may leave to another one, and so behind younger ones.
    var redistributes: Bool { self == .push || self == .dealer || self == .req }
}
