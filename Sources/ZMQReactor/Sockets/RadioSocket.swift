public import ZMTP

/// Events of a ``RadioSocket``. All are optional.
public protocol RadioHandler: AnyObject {
    /// The queue of a member is full, and a message for it was dropped. Called for every such message.
    func socketDroppedMessage(_ socket: RadioSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: RadioSocket)
}

extension RadioHandler {
    public func socketClosed(_ socket: RadioSocket) {}
}

/// Sends each message to all DISH peers that have joined its group (RFC 48).
///
/// A message has two frames, `[group, body]`. The group matches as a whole; it has at most 255 bytes, none of which is
/// zero, and may be empty. Sends never wait: a member whose queue is full misses the message. Anything else that peers
/// send is discarded. A `udp://` endpoint counts as a member of all groups; see <doc:Datagrams>. Any thread or task may send with the socket's ``ShareableSocket/handle``.
public final class RadioSocket: Socket, HandledSocket, BroadcastingSocket, AddressingSocket {
    private var handler: (any RadioHandler)?
    let distributor = Distributor()

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any RadioHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.radio, place, options, by: distributor)
    }

    // MARK: Sending

    /// Sends a message `[group, body]` to all members of the group.
    ///
    /// - Throws: `invalidArgument` unless there are two frames and the first one can be a group; `closed`,
    ///   `terminated`.
    @discardableResult
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        try type.requireGroup(in: message)
        try requireOpen()
        distributor.publish(toGroupOf: message, from: self)
        return .accepted
    }

    @discardableResult
    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    /// Sends a message of one frame to all members of the group. See ``send(_:)-(Message)``.
    @discardableResult
    public func send(_ message: Message, to group: Frame) throws(ZMQError) -> SendResult {
        var addressed = message
        addressed.prepend(group)
        return try send(addressed)
    }

    /// Sends a text to all members of the group. See ``send(_:)-(Message)``.
    @discardableResult
    public func send(_ text: String, to group: Frame) throws(ZMQError) -> SendResult {
        try send(text.utf8Span.span.bytes, to: group)
    }

    /// Sends a message of one frame with a copy of the bytes to all members of the group. See ``send(_:)-(Message)``.
    @discardableResult
    public func send(_ bytes: RawSpan, to group: Frame) throws(ZMQError) -> SendResult {
        try group.requireGroup()
        return try send(bytes.withUnsafeBytes { Message(to: group, copying: $0) })
    }

    override func forward(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        forwardEach(&batch, behind: prefix) { message throws(ZMQError) in try send(message) }
    }

    override func receive(_ batch: consuming MessageBatch, from pipe: Pipe) { discard(batch) }

    override func messageDropped() { handler?.socketDroppedMessage(self) }

    override func forgetHandler() { handler.take()?.socketClosed(self) }

    // MARK: Members

    /// The most groups that one member, and all together, may join; a member that exceeds it is disconnected. A group
    /// counts with one byte more than it has.
    public var subscriptionLimits: SubscriptionLimits {
        get { distributor.limits }
        set { distributor.limits = newValue }
    }

    /// The number of different groups with members.
    public var groupCount: Int { distributor.subscriptions.topicCount }

    /// The number of peers that are members of at least one group.
    public var memberCount: Int { distributor.subscriberCount(at: self) }

    /// The number of peers that are members of a group.
    public func memberCount(of group: Frame) -> Int { distributor.subscriberCount(to: group.topic, at: self) }

    /// Calls back when a group, or any group, has enough members: messages sent after that reach all of them.
    ///
    /// - Parameters:
    ///   - count: the number of members to wait for.
    ///   - group: the group that they must have joined; nil if any will do.
    ///   - limit: how long to wait; nil for no limit.
    ///   - body: called once, on the reactor, never before this returns; with `timedOut` after the limit, with `closed`
    ///     or `terminated` when the socket is closed.
    public func waitForMembers(
        _ count: Int = 1,
        of group: Frame? = nil,
        within limit: Duration? = nil,
        then body: @escaping (Result<Void, ZMQError>) -> Void
    ) {
        distributor.wait(for: count, to: group?.topic, within: limit, at: self, then: body)
    }
}

extension Frame {
    /// The group as a topic. One that is too long matches nothing.
    var topic: [UInt8] { [UInt8(clamping: count)] + self }
}
