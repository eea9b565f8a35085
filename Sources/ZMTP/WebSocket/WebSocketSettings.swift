// ZWS 2.0 (RFC 45): ZMTP in WebSocket messages. The subprotocol takes the place of the greeting.
//
//   WS-1  A client offers `ZWS2.0/` and its mechanism, and with NULL also `ZWS2.0`. A server selects the first one that
//         it speaks; it refuses a client that offers none of them.
//   WS-2  With `ZWS2.0` alone there is no handshake: the first message in each direction is an identity. The peer's
//         type is not known, and is assumed to be compatible.
//   WS-3  A client without a subprotocol, such as a browser's `new WebSocket(url)`, is accepted where the application
//         says so. It has neither handshake nor identity.

/// What takes the place of ZMTP's greeting and handshake.
package enum WebSocketDialect: Sendable, Equatable {
    /// The commands of the mechanism.
    case commands
    /// An identity in each direction.
    case identities
    /// Nothing.
    case bare

    /// The name without a mechanism.
    static let plainName = "ZWS2.0"

    /// The subprotocols of a mechanism, the preferred one first.
    static func names(for mechanism: String) -> [String] {
        mechanism == "NULL" ? ["\(plainName)/NULL", plainName] : ["\(plainName)/\(mechanism)"]
    }

    /// The dialect of one of these names; nil for another.
    init?(_ name: String, mechanism: String) {
        guard Self.names(for: mechanism).contains(name) else { return nil }
        self = name == Self.plainName ? .identities : .commands
    }
}

/// What the WebSockets of an endpoint have in common.
package struct WebSocketSettings: Sendable {
    /// Which side of the HTTP connection this is.
    package enum Role: Sendable {
        case client, server
    }

    /// Which clients a server takes beside those that offer a subprotocol of ZWS.
    package enum OtherClients: Sendable {
        case none
        /// Those that offer nothing, with binary messages.
        case binary
        /// The same; a text message from them is a message of one frame.
        case binaryAndText
    }

    package var role: Role
    /// The `Host` that a client asks for.
    package var host: String
    /// The path, and a client's query behind it.
    package var path: String
    /// The mechanism's name.
    package var mechanism: String
    package var socketType: SocketType
    package var identity: [UInt8]
    /// The largest message that arrives in fragments, in bytes.
    package var maxMessageSize: Int
    /// The most bytes of a head.
    package var maxHeadSize: Int
    package var otherClients: OtherClients
    /// The pages whose scripts a server takes, as browsers name them in `Origin`; nil for all. Clients that are no
    /// browsers send none, and are taken.
    package var origins: Set<String>?

    package init(
        _ role: Role,
        host: String = "",
        path: String,
        mechanism: String = "NULL",
        socketType: SocketType,
        identity: [UInt8] = [],
        maxMessageSize: Int = .max,
        maxHeadSize: Int = 8192,
        otherClients: OtherClients = .none,
        origins: Set<String>? = nil
    ) {
        self.role = role
        self.host = host
        self.path = path
        self.mechanism = mechanism
        self.socketType = socketType
        self.identity = socketType.announcesIdentity ? identity : []
        self.maxMessageSize = maxMessageSize
        self.maxHeadSize = maxHeadSize
        self.otherClients = otherClients
        self.origins = origins
    }
}
