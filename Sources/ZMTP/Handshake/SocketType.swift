/// What a socket is, under the name it goes by on the wire.
public enum SocketType: String, Sendable, Hashable, CaseIterable {
    case req = "REQ"
    case rep = "REP"
    case dealer = "DEALER"
    case router = "ROUTER"
    case pub = "PUB"
    case sub = "SUB"
    case xpub = "XPUB"
    case xsub = "XSUB"
    case push = "PUSH"
    case pull = "PULL"
    case pair = "PAIR"
    case client = "CLIENT"
    case server = "SERVER"
    case radio = "RADIO"
    case dish = "DISH"
    case scatter = "SCATTER"
    case gather = "GATHER"
    case peer = "PEER"
    case channel = "CHANNEL"
    /// Raw TCP: there is no ZMTP on its connections, so no ZMTP socket goes with it.
    case stream = "STREAM"

    /// The types a socket of this type may talk to.
    package var compatibleTypes: [SocketType] {
        switch self {
        case .req: [.rep, .router]
        case .rep: [.req, .dealer]
        case .dealer: [.rep, .dealer, .router]
        case .router: [.req, .dealer, .router]
        case .pub, .xpub: [.sub, .xsub]
        case .sub, .xsub: [.pub, .xpub]
        case .push: [.pull]
        case .pull: [.push]
        case .pair: [.pair]
        case .client: [.server]
        case .server: [.client]
        case .radio: [.dish]
        case .dish: [.radio]
        case .scatter: [.gather]
        case .gather: [.scatter]
        case .peer: [.peer]
        case .channel: [.channel]
        case .stream: []
        }
    }

    /// Whether a socket of this type may talk to one of type `other`.
    package func isCompatible(with other: SocketType) -> Bool { compatibleTypes.contains(other) }

    /// Whether sockets of this type announce an identity (ID-2).
    package var announcesIdentity: Bool { self == .req || self == .dealer || self == .router }

    /// Whether sockets of this type take subscriptions from their peers.
    package var takesSubscriptions: Bool { self == .pub || self == .xpub }
}

extension SocketType: CustomStringConvertible {
    public var description: String { rawValue }
}
