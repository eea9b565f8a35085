public import ZMTP

/// Events of a ``DgramSocket``.
public protocol DgramHandler: AnyObject {
    /// A datagram has arrived: the address it comes from, and the body.
    func socket(_ socket: DgramSocket, received message: Message)

    /// The socket can send again after a send that would have blocked.
    func socketIsWritable(_ socket: DgramSocket)

    /// The socket is closed, and its queued messages have been sent or given up. Called once, as the last call for this
    /// socket, after the linger and before the completion of ``Socket/close(_:)``.
    func socketClosed(_ socket: DgramSocket)
}

extension DgramHandler {
    public func socketIsWritable(_ socket: DgramSocket) {}
    public func socketClosed(_ socket: DgramSocket) {}
}

/// Exchanges datagrams of UDP with any address, without ZMTP: with other DGRAM sockets, and with any program that speaks
/// UDP.
///
/// The socket is bound to one `udp://` endpoint, and does not connect; see <doc:Datagrams>. A message has two frames,
/// `[address, body]`, where the address is `host:port`, numeric: `192.0.2.1:5555`, or `[2001:db8::1]:5555` with an
/// endpoint of IPv6. A received message has the sender's address in front, so that it can be sent back as it is.
///
/// What is sent arrives once, several times, or not at all, and in any order, as UDP has it. Before the socket is bound,
/// and when the operating system takes no more and the queue is at its high-water mark, `send` returns `wouldBlock` and
/// does not accept the message. A datagram that the operating system refuses to send, such as one to an address that no
/// route leads to, is dropped and counted.
public final class DgramSocket: Socket, SendingSocket, ClosureSocket {
    private var handler: (any DgramHandler)?
    private let endpoint = ExclusivePeer(of: .dgram, refusal: "is bound to one endpoint at a time")

    /// The most bytes of a body.
    public static let largestBody = UDPDatagram.largest

    public init(_at place: _SocketPlace, options: SocketOptions, handler: (any DgramHandler)?) throws(ZMQError) {
        self.handler = handler
        try super.init(.dgram, place, options, by: endpoint, isReceiver: handler != nil)
    }

    public static func _handler(_ closure: _ClosureHandler<DgramSocket>) -> any DgramHandler { closure }

    // MARK: Sending

    /// Sends a datagram, `[address, body]`.
    ///
    /// - Returns: `wouldBlock` when the socket is not bound, or its queue is at the high-water mark: nothing has been
    ///   accepted.
    /// - Throws: `invalidArgument` unless there are two frames and the first one is a numeric address with a port;
    ///   `messageTooLong` for a body of more than ``largestBody`` bytes; `closed`, `terminated`.
    public func send(_ message: Message) throws(ZMQError) -> SendResult {
        guard message.frameCount == 2, let body = message.dropFirst() else {
            throw .wrongFrames(message.frameCount, for: type, "address and body")
        }
        guard let end = message.withUnsafeBytes({ DatagramEnd($0) }) else { throw Self.badAddress(message[0]) }
        return try send(body, to: end)
    }

    /// Throws `invalidArgument`: a message of one frame names no recipient.
    public func send(_ bytes: RawSpan) throws(ZMQError) -> SendResult { try send(Message(bytes)) }

    /// Sends a message of one frame to an address. See ``send(_:)-(Message)``.
    public func send(_ message: Message, to address: Frame) throws(ZMQError) -> SendResult {
        guard message.frameCount == 1 else { throw .wrongFrames(message.frameCount, for: type) }
        guard let end = address.withUnsafeBytes({ DatagramEnd($0) }) else { throw Self.badAddress(address) }
        return try send(message, to: end)
    }

    /// Sends a text to an address. See ``send(_:)-(Message)``.
    public func send(_ text: String, to address: Frame) throws(ZMQError) -> SendResult {
        try send(Message(text), to: address)
    }

    private func send(_ body: Message, to end: DatagramEnd) throws(ZMQError) -> SendResult {
        let size = body.withUnsafeBytes { $0.count }
        guard size <= Self.largestBody else {
            throw ZMQError(
                .messageTooLong,
                "a datagram has at most \(Self.largestBody) bytes, and this one has \(size)"
            )
        }
        return try end.withFrame { prefix throws(ZMQError) in try endpoint.send(prefix: prefix, body, from: self) }
    }

    private static func badAddress(_ address: Frame) -> ZMQError {
        ZMQError(.invalidArgument, "the address \(address.string.quoted) is not a numeric host and a port")
    }

    override func forward(_ batch: inout MessageBatch, behind prefix: [UInt8]) {
        forwardEach(&batch, behind: prefix) { message throws(ZMQError) in try send(message) }
    }

    override func becameWritable(for pipe: Pipe?) { handler?.socketIsWritable(self) }

    // MARK: Receiving

    override func deliver(_ batch: inout MessageBatch, from pipe: Pipe) {
        deliver(&batch, to: handler) { $0.socket(self, received: $1) }
    }

    override func forgetHandler() { handler.take()?.socketClosed(self) }
}

extension _ClosureHandler: DgramHandler where Source == DgramSocket {}
