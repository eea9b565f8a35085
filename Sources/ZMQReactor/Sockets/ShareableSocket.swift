public import ZMTP

/// A socket whose ``handle`` any thread, task or actor may send with: PUSH, PUB, XPUB, DEALER, PAIR, CLIENT, SERVER,
/// SCATTER, CHANNEL, PEER and RADIO.
///
/// Not REQ and REP, which take turns with their peers: see ``RequestClient``; nor ROUTER, where one slow peer would hold
/// back the messages for all others.
///
/// The socket itself belongs to its reactor's thread, as every socket does.
public protocol ShareableSocket: SendingSocket {}

/// A socket whose messages have two frames, the first of which is the recipient: the routing id of a peer, for SERVER
/// and PEER; a group, for RADIO.
public protocol AddressingSocket: ShareableSocket {
    /// Sends a message of one frame to a recipient.
    @discardableResult
    func send(_ message: Message, to recipient: Frame) throws(ZMQError) -> SendResult
}

extension SocketType {
    /// Throws for a message of several frames.
    @inline(__always)
    func requireOneFrame(_ message: borrowing Message) throws(ZMQError) {
        guard message.frameCount == 1 else { throw .wrongFrames(message.frameCount, for: self) }
    }

    /// Throws for a message that has not the form `[group, body]` (RAD-4).
    @inline(__always)
    func requireGroup(in message: borrowing Message) throws(ZMQError) {
        guard message.frameCount == 2 else { throw .wrongFrames(message.frameCount, for: self, "group and body") }
        if let fault = message.withUnsafeBytes({ Group.fault(of: $0) }) {
            throw ZMQError(.invalidArgument, "the group \(fault)")
        }
    }
}
