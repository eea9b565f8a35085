public import ZMTP

/// The other end of a connection, as events and snapshots name it; see ``SocketEvent/peer`` and
/// ``ConnectionInfo/peer``.
public struct PeerDescription: Hashable, Sendable {
    /// Its address: `host:port` for tcp, `pid 4711 uid 1000` for ipc, `inproc` for inproc.
    public let address: String

    /// The routing id that the peer sent in its handshake; nil before that, and for a peer that sent none.
    public let routingID: Frame?

    init(_ address: String, identity: [UInt8] = []) {
        self.address = address
        routingID = identity.isEmpty ? nil : Frame(identity)
    }
}

extension PeerDescription: CustomStringConvertible {
    /// The address, followed by the routing id if there is one, for example `127.0.0.1:4711 (worker)`.
    public var description: String { routingID.map { "\(address) (\($0))" } ?? address }
}
