public import ZMTP

/// A socket as other threads, tasks and actors see it: they send with it. It can be kept for any length of time; it does
/// not keep the socket alive.
///
/// ```swift
/// let handle = client.handle
/// Task.detached { try await handle.sendWhenReady("from another thread") }
/// ```
///
/// A message goes to the socket's loop, which queues it as the socket's own `send` does. Those of one thread stay in
/// order. What the socket sends itself may go ahead of them.
///
/// **Flow control.** Messages that the socket has not queued yet are bounded by its send high-water marks, those of
/// ``SocketOptions`` when ``ShareableSocket/handle`` was first used, in addition to its queues. A SERVER or PEER has
/// these bounds for each peer, so that a slow one holds back only what is for it. A PUB or XPUB queues at once, and its
/// slow subscribers miss messages, as they do without a handle. At the bound, `send` returns
/// `wouldBlock`, and ``sendWhenReady(_:)`` waits; waiting sends get room in the order in which they began to wait.
///
/// **Closing.** When the socket closes, what has been accepted is queued and sent like the rest, within its linger; each
/// further call throws `closed` or `terminated`.
public final class SocketHandle<Source: ShareableSocket>: Sendable {
    private let outbox: Outbox
    private let type: SocketType

    init(_ type: SocketType, _ outbox: Outbox) { (self.type, self.outbox) = (type, outbox) }

    /// Sends a message from any thread, without waiting.
    ///
    /// - Returns: `wouldBlock` when the message was not accepted, because there is no room.
    /// - Throws: `invalidArgument` for a message that the socket's `send` refuses; `hostUnreachable` when no peer has
    ///   its routing id; `closed`, `terminated`.
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        try outbox.put(message, for: type.recipient(of: message)) ? .accepted : .wouldBlock
    }

    /// Sends a message from any task, as soon as there is room for it.
    ///
    /// - Throws: `cancelled` when the task is; the message has not been sent then. Once it is accepted, a cancellation
    ///   has no effect. `hostUnreachable` when its peer disconnects while it waits; and as ``send(_:)``.
    public nonisolated(nonsending) func sendWhenReady(_ message: Message) async throws(ZMQError) {
        try await outbox.putWhenReady(message, for: type.recipient(of: message))
    }
}

extension SocketHandle where Source: AddressingSocket {
    /// Sends a message of one frame to a routing id, or to a group. As ``send(_:)``.
    public func send(_ message: Message, to recipient: Frame) throws(ZMQError) -> SendResult {
        try send(message.addressed(to: recipient))
    }

    /// Sends a message of one frame to a routing id, or to a group, as soon as there is room. As
    /// ``sendWhenReady(_:)``.
    public nonisolated(nonsending) func sendWhenReady(
        _ message: Message,
        to recipient: Frame
    ) async throws(ZMQError) {
        try await sendWhenReady(message.addressed(to: recipient))
    }
}

extension ShareableSocket {
    /// The socket for other threads, tasks and actors. To be asked for on the socket's thread; then it may go anywhere.
    public var handle: SocketHandle<Self> {
        // The socket keeps it until it closes.
        SocketHandle(type, outletOrMake { [unowned self] message throws(ZMQError) in try send(message) }.outbox)
    }
}

extension AddressingSocket {
    /// Sends a message of one frame to a routing id, or to a group, as soon as there is room. As
    /// ``SendingSocket/sendWhenReady(_:)-(Message)``.
    public nonisolated(nonsending) func sendWhenReady(
        _ message: Message,
        to recipient: Frame
    ) async throws(ZMQError) {
        try await whenReady { () throws(ZMQError) in try send(message, to: recipient) }
    }
}

extension Message {
    fileprivate func addressed(to recipient: Frame) -> Message {
        var message = self
        message.prepend(recipient)
        return message
    }
}

extension SocketType {
    /// The recipient of a message in an ``Outbox``. Throws for a message that a socket of this type does not send.
    fileprivate func recipient(of message: Message) throws(ZMQError) -> UInt32 {
        switch self {
        case .radio: try requireGroup(in: message)
        case .server, .peer:
            guard message.count == 2 else { throw .wrongFrames(message.count, for: self, "routing id and body") }
            guard let number = NumberedPeers.number(of: message) else { throw .noPeerHasRoutingID }
            return number
        case .client, .scatter, .channel: try requireOneFrame(message)
        default: break
        }
        return Outbox.anyone
    }
}
