/// The owner of a channel connection, which decides what follows its end.
protocol ChannelConnectionOwner: AnyObject {
    /// The other end has accepted this one.
    func connectionAccepted(_ connection: ChannelConnection)

    func connectionEnded(_ connection: ChannelConnection)

    /// The connection, which outlives its peers, leads to one.
    func connection(_ connection: ChannelConnection, hasPeer peer: SessionPeer)

    /// The connection, which outlives its peers, leads to none any more.
    func connection(_ connection: ChannelConnection, hasLostPeerBecause reason: EventReason)

    /// The session at the other end has recorded an event.
    func connection(_ connection: ChannelConnection, recorded event: SocketEvent)

    /// The peer in the session that the connection leads to, of a connection to one peer only.
    func sessionPeer(of connection: ChannelConnection) -> SessionPeer?

    /// Whether a connection that is closed at once returns what has not left.
    var takesBack: Bool { get }
}

extension ChannelConnectionOwner {
    func connectionAccepted(_ connection: ChannelConnection) {}
    func connection(_ connection: ChannelConnection, hasPeer peer: SessionPeer) {}
    func connection(_ connection: ChannelConnection, hasLostPeerBecause reason: EventReason) {}
    func connection(_ connection: ChannelConnection, recorded event: SocketEvent) {}
    func sessionPeer(of connection: ChannelConnection) -> SessionPeer? { nil }
    var takesBack: Bool { false }
}
