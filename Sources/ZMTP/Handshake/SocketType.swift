/// The type of a socket. The raw value is its name on the wire.
public enum SocketType: String, Sendable, Hashable, CaseIterable {
    /// Sends requests, one at a time (RFC 28).
    case req = "REQ"
    /// Replies to requests, one at a time (RFC 28).
    case rep = "REP"
    /// Sends to its peers in turn and receives at any time (RFC 28).
    case dealer = "DEALER"
    /// Addresses each peer by its routing id (RFC 28).
    case router = "ROUTER"
    /// Sends to all subscribers (RFC 29).
    case pub = "PUB"
    /// Receives the topics it has subscribed to (RFC 29).
    case sub = "SUB"
    /// A PUB that receives its peers' subscriptions (RFC 29).
    case xpub = "XPUB"
    /// A SUB that sends its subscriptions as messages (RFC 29).
    case xsub = "XSUB"
    /// Distributes messages to its peers in turn (RFC 30).
    case push = "PUSH"
    /// Collects messages from its peers (RFC 30).
    case pull = "PULL"
    /// Exchanges messages with exactly one peer (RFC 31).
    case pair = "PAIR"
    /// Sends to SERVER peers in turn and receives at any time (RFC 41).
    case client = "CLIENT"
    /// Addresses each CLIENT by a routing id of 32 bits (RFC 41).
    case server = "SERVER"
    /// Sends to all peers that have joined a group (RFC 48).
    case radio = "RADIO"
    /// Receives the messages of the groups it has joined (RFC 48).
    case dish = "DISH"
    /// Distributes messages of one frame to its peers in turn (RFC 49).
    case scatter = "SCATTER"
    /// Collects messages of one frame from its peers (RFC 49).
    case gather = "GATHER"
    /// Addresses each PEER by a routing id of 32 bits (RFC 51).
    case peer = "PEER"
    /// Exchanges messages of one frame with exactly one peer (RFC 52).
    case channel = "CHANNEL"
    /// Raw TCP: its connections do not speak ZMTP, so no other type is compatible with it.
    case stream = "STREAM"
    /// Exchanges datagrams with any address: they are not those of ZMTP, so that no type is compatible with it.
    case dgram = "DGRAM"
}

extension SocketType: CustomStringConvertible {
    public var description: String { rawValue }
}
