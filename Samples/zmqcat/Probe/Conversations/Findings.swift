/// What a conversation has found out about the other end.
struct Findings: Equatable {
    /// What it speaks.
    enum Language: Equatable {
        case zmtp(major: Int, minor: Int)
        /// ZeroMQ over WebSocket (RFC 45).
        case webSocket
        /// A server of HTTP, with its status line, that has no WebSocket for ZeroMQ there.
        case http(status: String, server: String?)
        case tls
        case other(Banner)
    }

    /// How a conversation ended.
    enum End: Equatable {
        /// With all that could be found out.
        case complete
        /// The other end has closed the connection.
        case closed
        /// The other end has said nothing more.
        case silent
        /// The other end does not keep to its protocol.
        case faulty(String)
    }

    /// nil if it has said nothing.
    var language: Language?

    /// The name of the security mechanism.
    var mechanism: String?

    /// The properties of its READY, in their order.
    var properties: [(name: String, value: [UInt8])] = []

    /// Its socket type, as on the wire.
    var peerType: String?

    /// The type of socket as which the probe has introduced itself; nil if it has not.
    var offeredType: String?

    /// The reason of its ERROR.
    var refusal: String?

    /// Whether it has answered a PING. nil: no PING has been sent.
    var hasAnsweredPing: Bool?

    /// The topics it has subscribed to.
    var subscriptions: [[UInt8]] = []

    var end: End?

    static func == (one: Findings, other: Findings) -> Bool {
        one.language == other.language && one.mechanism == other.mechanism && one.peerType == other.peerType
            && one.properties.elementsEqual(other.properties) { $0 == $1 } && one.offeredType == other.offeredType
            && one.refusal == other.refusal && one.hasAnsweredPing == other.hasAnsweredPing
            && one.subscriptions == other.subscriptions && one.end == other.end
    }
}

/// A conversation with the other end: bytes in, bytes out. It has no descriptor and no clock.
protocol Conversation {
    /// What is to be sent; the caller takes it.
    var output: [UInt8] { get set }

    /// What has been found out so far. The conversation is over when it has an `end`.
    var findings: Findings { get }

    /// Bytes have arrived, in whatever pieces.
    mutating func receive(_ bytes: ArraySlice<UInt8>)

    /// Nothing has arrived for a while.
    mutating func waited()

    /// Nothing will arrive any more.
    mutating func closed()
}
