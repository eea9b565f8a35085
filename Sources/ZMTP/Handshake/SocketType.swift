/// What a socket is, under the name it goes by on the wire.
public enum SocketType: String, Sendable, Hashable, CaseIterable {
    /// Asks, one request at a time (RFC 28).
    case req = "REQ"
    /// Answers, one request at a time (RFC 28).
    case rep = "REP"
    /// Sends to its peers in turn, receives at any time (RFC 28).
    case dealer = "DEALER"
    /// Speaks with each peer by its routing id (RFC 28).
    case router = "ROUTER"
    /// Sends to all who have subscribed (RFC 29).
    case pub = "PUB"
    /// Receives what it has subscribed to (RFC 29).
    case sub = "SUB"
    /// PUB that is told of subscriptions (RFC 29).
    case xpub = "XPUB"
    /// SUB that sends its subscriptions as messages (RFC 29).
    case xsub = "XSUB"
    /// Deals messages out (RFC 30).
    case push = "PUSH"
    /// Collects messages (RFC 30).
    case pull = "PULL"
    /// Speaks with exactly one peer (RFC 31).
    case pair = "PAIR"
    /// Asks a SERVER, of RFC 41; known by name only.
    case client = "CLIENT"
    /// Answers a CLIENT, of RFC 41; known by name only.
    case server = "SERVER"
    /// Sends to a group, of RFC 48; known by name only.
    case radio = "RADIO"
    /// Receives what its groups are sent, of RFC 48; known by name only.
    case dish = "DISH"
    /// Deals out messages of one frame, of RFC 49; known by name only.
    case scatter = "SCATTER"
    /// Collects messages of one frame, of RFC 49; known by name only.
    case gather = "GATHER"
    /// Speaks with others of its type, of RFC 51; known by name only.
    case peer = "PEER"
    /// Speaks with exactly one peer, of RFC 52; known by name only.
    case channel = "CHANNEL"
    /// Raw TCP: there is no ZMTP on its connections, so no ZMTP socket goes with it.
    case stream = "STREAM"
}

extension SocketType: CustomStringConvertible {
    public var description: String { rawValue }
}
