/// An option of a libzmq socket, by its name without `ZMQ_`.
public struct PeerOption: Encodable, Sendable {
    let name: String
    let integer: Int?
    let hex: String?

    public static func integer(_ name: String, _ value: Int) -> PeerOption {
        PeerOption(name: name, integer: value, hex: nil)
    }

    public static func bytes(_ name: String, _ value: some Sequence<UInt8>) -> PeerOption {
        PeerOption(name: name, integer: nil, hex: hexadecimal(value))
    }

    public static func flag(_ name: String, _ value: Bool = true) -> PeerOption { .integer(name, value ? 1 : 0) }

    public static func sendHighWaterMark(_ messages: Int) -> PeerOption { .integer("SNDHWM", messages) }
    public static func receiveHighWaterMark(_ messages: Int) -> PeerOption { .integer("RCVHWM", messages) }
    /// Milliseconds; -1 means no limit. A peer's default is 0.
    public static func linger(_ milliseconds: Int) -> PeerOption { .integer("LINGER", milliseconds) }
    public static func routingID(_ text: String) -> PeerOption { .bytes("ROUTING_ID", text.utf8) }
    public static func subscribe(_ prefix: String = "") -> PeerOption { .bytes("SUBSCRIBE", prefix.utf8) }
    public static func unsubscribe(_ prefix: String) -> PeerOption { .bytes("UNSUBSCRIBE", prefix.utf8) }
}

/// The types of libzmq's sockets, by its names.
public enum PeerSocketType: String, CaseIterable, Sendable {
    case pair = "PAIR"
    case pub = "PUB"
    case sub = "SUB"
    case xpub = "XPUB"
    case xsub = "XSUB"
    case req = "REQ"
    case rep = "REP"
    case dealer = "DEALER"
    case router = "ROUTER"
    case push = "PUSH"
    case pull = "PULL"
    case stream = "STREAM"
    case client = "CLIENT"
    case server = "SERVER"
    case radio = "RADIO"
    case dish = "DISH"
    case scatter = "SCATTER"
    case gather = "GATHER"
    case peer = "PEER"
    case channel = "CHANNEL"
    case dgram = "DGRAM"
}
