public import ZMTP

/// Events of a ``DishSocket``.
public protocol DishHandler: AnyObject {
    /// A message has arrived: its group, and the body.
    func socket(_ socket: DishSocket, received message: Message)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: DishSocket)
}

extension DishHandler {
    public func socketClosed(_ socket: DishSocket) {}
}

/// Receives the messages of the groups it has joined, from all RADIO peers (RFC 48).
///
/// A message has two frames, `[group, body]`. Groups match as a whole, and are matched here as well, because a message
/// may have been under way when the group was left; a message in any other form is dropped and counted, and a peer that
/// sends more frames is disconnected. Peers are read in turn; at the receive high-water mark the socket stops reading,
/// so that the RADIO's queue fills and the RADIO drops.
public final class DishSocket: Socket, ClosureSocket {
    private var handler: (any DishHandler)?
    private let filter: SubscriptionFilter

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any DishHandler)?) throws(ZMQError) {
        self.handler = handler
        filter = SubscriptionFilter()
        try super.init(.dish, place, options, by: filter, isReceiver: handler != nil)
    }

    public static func _handler(_ closure: _ClosureHandler<DishSocket>) -> any DishHandler { closure }

    // MARK: Groups

    /// The number of groups joined.
    public var groupCount: Int { filter.topicCount }

    /// Joins a group, at all current and future peers.
    ///
    /// - Throws: `invalidArgument` for a group of more than 255 bytes, or with a zero byte, and when the socket is a
    ///   member already; `closed`, `terminated`.
    public func join(_ group: Frame) throws(ZMQError) {
        try requireOpen()
        try group.requireGroup()
        let isNew = group.withTopic { !filter.includes($0) && filter.add($0, at: self) }
        guard isNew else { throw ZMQError(.invalidArgument, "the socket has already joined the group '\(group)'") }
    }

    /// Leaves a group.
    ///
    /// - Throws: `invalidArgument` when the socket is not a member, `closed`, `terminated`.
    public func leave(_ group: Frame) throws(ZMQError) {
        try requireOpen()
        try group.requireGroup()
        guard group.withTopic({ filter.remove($0, at: self) }) else {
            throw ZMQError(.invalidArgument, "the socket has not joined the group '\(group)'")
        }
    }

    // MARK: Receiving

    public func tryReceive() throws(ZMQError) -> Message? {
        try requireOpen()
        while let (message, _) = nextMessage() {
            if filter.matchesGroup(of: message) { return message }
            dropUnwanted(message)
        }
        return nil
    }

    override func wants(_ message: borrowing Message) -> Bool { filter.matchesGroup(of: message) }

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        guard let handler else { return }
        batch.forEach(while: { isDelivering }) {
            if filter.matchesGroup(of: $0) { handler.socket(self, received: $0) } else { dropUnwanted($0) }
        }
    }

    private func dropUnwanted(_ message: borrowing Message) {
        drop(1, message.frameCount == 2 ? .notSubscribed : .malformed)
    }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

extension _ClosureHandler: DishHandler where Source == DishSocket {}
