// The contents of a peer's READY.
//
//   MD-3  A peer that sends no socket type is rejected.
//   N-5   So is one with an incompatible type.
//   ID-1  An identity has at most 255 bytes. A leading zero is accepted: libzmq's setter allows it.
//   ID-2  Only REQ, DEALER and ROUTER have one; from other types it stays in the metadata.

/// The other side of a connection, as it introduced itself.
package struct Peer: Sendable, Equatable {
    /// The largest identity.
    package static let identityLimit = 255

    /// The version to speak with it.
    package let version: ProtocolVersion
    /// Its socket type.
    package let socketType: SocketType
    /// Its identity, empty if it has none.
    package let identity: [UInt8]
    /// The mechanism of the handshake; nil where there was none: inproc, raw peers, versions before 3.0.
    package let mechanism: MechanismName?
    /// All properties it sent.
    package let metadata: Metadata
    /// What the application knows about it since it was authenticated; nil if it was not.
    package let acceptance: Acceptance?

    /// A peer without a handshake of version 3.
    package init(
        version: ProtocolVersion,
        socketType: SocketType,
        identity: [UInt8] = [],
        metadata: Metadata = Metadata()
    ) {
        self.version = version
        self.socketType = socketType
        self.identity = socketType.announcesIdentity ? identity : []
        self.metadata = metadata
        mechanism = nil
        acceptance = nil
    }

    /// Checks the READY of a peer of a socket of type `ownType`.
    init(
        metadata: Metadata,
        version: ProtocolVersion,
        ownType: SocketType,
        mechanism: MechanismName? = nil,
        acceptance: Acceptance? = nil
    ) throws(ProtocolError) {
        guard let name = metadata[Metadata.socketType] else { throw .noSocketType }
        guard let type = SocketType(rawValue: String(decoding: name, as: UTF8.self)) else { throw .unknownSocketType }
        guard ownType.isCompatible(with: type) else { throw .incompatible(type, with: ownType) }
        let identity = metadata[Metadata.identity] ?? []
        guard identity.count <= Self.identityLimit else { throw .identityTooLong(identity.count) }
        self.version = version
        self.socketType = type
        self.identity = type.announcesIdentity ? identity : []
        self.mechanism = mechanism
        self.metadata = metadata
        self.acceptance = acceptance
    }
}
