public import ZMTP

/// The other end of a connection, as events and snapshots name it; see ``SocketEvent/peer`` and
/// ``ConnectionInfo/peer``.
public struct PeerDescription: Hashable, Sendable {
    /// Its address: `host:port` for tcp, `pid 4711 uid 1000` for ipc, `inproc` for inproc.
    public let address: String

    /// The routing id that the peer sent in its handshake; nil before that, and for a peer that sent none.
    public let routingID: Frame?

    /// The name that an ``Authenticator`` has given the peer; nil if the peer was not authenticated.
    public let userID: String?

    /// The properties that an ``Authenticator`` has given the peer, by name; empty if there are none.
    public let properties: [String: [UInt8]]

    init(_ address: String, _ peer: Peer? = nil) {
        self.address = address
        routingID = peer.flatMap { $0.identity.isEmpty ? nil : Frame($0.identity) }
        userID = peer?.acceptance?.userID
        properties = peer?.acceptance?.metadata.dictionary ?? [:]
    }
}

extension PeerDescription: CustomStringConvertible {
    /// The address, with the user id before it and the routing id behind it if there are any, for example
    /// `alice@127.0.0.1:4711 (worker)`. Always one line: control characters of a user id are escaped.
    public var description: String {
        let user = userID.map { $0.isEmpty ? "" : "\($0.escaped)@" } ?? ""
        return user + address + (routingID.map { " (\($0))" } ?? "")
    }
}
