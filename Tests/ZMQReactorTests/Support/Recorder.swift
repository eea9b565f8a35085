@testable import ZMQReactor

/// Records in order what closures, requests and tasks of a test report to it, and as a handler what sockets report.
final class Recorder {
    private enum Entry {
        case message(Message)
        case text(String)
    }
    private var entries: [Entry] = []

    /// The number of entries.
    var count: Int { entries.count }

    /// The messages among the entries.
    var messages: [Message] { entries.compactMap { if case .message(let message) = $0 { message } else { nil } } }

    /// All entries: a message is the texts of its frames, between bars.
    var texts: [String] {
        entries.map {
            switch $0 {
            case .message(let message): message.text
            case .text(let text): text
            }
        }
    }

    func add(_ message: Message) { entries.append(.message(message)) }
    func add(_ text: String) { entries.append(.text(text)) }

    /// Adds the reply to a request, or the name of the error.
    func add(_ outcome: Result<Message, ZMQError>) {
        switch outcome {
        case .success(let reply): add(reply)
        case .failure(let error): add(error.errnoName)
        }
    }

    func clear() { entries = [] }

    /// All entries, which are then forgotten.
    func takeTexts() -> [String] {
        defer { clear() }
        return texts
    }

    // MARK: As a handler

    /// How often a socket, or a peer of a STREAM socket, became writable.
    private(set) var writableCount = 0
    /// The peers of a STREAM socket that became writable.
    private(set) var writableIDs: [Frame] = []
    /// The number of messages that sockets reported as dropped.
    private(set) var dropCount = 0
    /// The peers of a ROUTER that connected, and those that disconnected.
    private(set) var (connected, disconnected): ([RouterPeer], [RouterPeer]) = ([], [])

    /// Whether subscriptions are recorded with their topics.
    private let recordsTopics: Bool
    private let onWritable: (Socket) -> Void
    private let onDrop: (Socket) -> Void
    /// Called when an XPUB's peer has subscribed, after that has been recorded.
    var onSubscribe: (XPubSocket, Subscriber, Frame) -> Void = { _, _, _ in }

    /// - Parameters:
    ///   - onWritable: called when a socket became writable, after it has been counted.
    ///   - onDrop: called when a message was dropped, after it has been counted.
    ///   - recordsTopics: false where the topics of subscriptions would take too much memory.
    init(
        recordsTopics: Bool = true,
        onWritable: @escaping (Socket) -> Void = { _ in },
        onDrop: @escaping (Socket) -> Void = { _ in }
    ) {
        (self.recordsTopics, self.onWritable, self.onDrop) = (recordsTopics, onWritable, onDrop)
    }

    /// For a PUSH that does something when it becomes writable.
    convenience init(_ onWritable: @escaping (PushSocket) -> Void) {
        self.init(onWritable: { if let push = $0 as? PushSocket { onWritable(push) } })
    }

    private func becameWritable(_ socket: Socket) {
        writableCount += 1
        onWritable(socket)
    }

    private func dropped(_ socket: Socket) {
        dropCount += 1
        onDrop(socket)
    }
}

extension Recorder: PushHandler, DealerHandler, PairHandler, PubHandler, XSubHandler {
    func socketIsWritable(_ socket: PushSocket) { becameWritable(socket) }
    func socket(_ socket: DealerSocket, received message: Message) { add(message) }
    func socketIsWritable(_ socket: DealerSocket) { becameWritable(socket) }
    func socket(_ socket: PairSocket, received message: Message) { add(message) }
    func socketIsWritable(_ socket: PairSocket) { becameWritable(socket) }
    func socketDroppedMessage(_ socket: PubSocket) { dropped(socket) }
    func socket(_ socket: XSubSocket, received message: Message) { add(message) }
    func socketDroppedMessage(_ socket: XSubSocket) { dropped(socket) }
}

extension Recorder: ReqHandler {
    func socket(_ socket: ReqSocket, received reply: Message) { add(reply) }
    func socket(_ socket: ReqSocket, failedWith error: ZMQError) { add(error.errnoName) }
    func socketIsWritable(_ socket: ReqSocket) { becameWritable(socket) }
}

extension Recorder: RouterHandler {
    func socket(_ socket: RouterSocket, received message: Message) { add(message) }
    func socket(_ socket: RouterSocket, connected peer: RouterPeer) { connected.append(peer) }
    func socket(_ socket: RouterSocket, disconnected peer: RouterPeer) { disconnected.append(peer) }
    func socketIsWritable(_ socket: RouterSocket) { becameWritable(socket) }
    func socketDroppedMessage(_ socket: RouterSocket) { dropped(socket) }
}

extension Recorder: StreamHandler {
    func socket(_ socket: StreamSocket, received message: Message) { add(message) }
    func socketIsWritable(_ socket: StreamSocket, for routingID: Frame) {
        writableIDs.append(routingID)
        becameWritable(socket)
    }
}

extension Recorder: ClientHandler, ServerHandler, ScatterHandler, ChannelHandler, PeerHandler, RadioHandler {
    func socket(_ socket: ClientSocket, received message: Message) { add(message) }
    func socketIsWritable(_ socket: ClientSocket) { becameWritable(socket) }
    func socket(_ socket: ServerSocket, received message: Message) { add(message) }
    func socket(_ socket: ServerSocket, connected peer: RouterPeer) { connected.append(peer) }
    func socket(_ socket: ServerSocket, disconnected peer: RouterPeer) { disconnected.append(peer) }
    func socketIsWritable(_ socket: ServerSocket) { becameWritable(socket) }
    func socketIsWritable(_ socket: ScatterSocket) { becameWritable(socket) }
    func socket(_ socket: ChannelSocket, received message: Message) { add(message) }
    func socketIsWritable(_ socket: ChannelSocket) { becameWritable(socket) }
    func socket(_ socket: PeerSocket, received message: Message) { add(message) }
    func socket(_ socket: PeerSocket, connected peer: RouterPeer) { connected.append(peer) }
    func socket(_ socket: PeerSocket, disconnected peer: RouterPeer) { disconnected.append(peer) }
    func socketIsWritable(_ socket: PeerSocket) { becameWritable(socket) }
    func socketDroppedMessage(_ socket: RadioSocket) { dropped(socket) }
}

extension Recorder: DgramHandler, DishHandler {
    func socket(_ socket: DgramSocket, received message: Message) { add(message) }
    func socketIsWritable(_ socket: DgramSocket) { becameWritable(socket) }
    func socket(_ socket: DishSocket, received message: Message) { add(message) }
}

/// A subscription is recorded as `+topic`, and its end as `-topic`.
extension Recorder: XPubHandler {
    func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) {
        add("+" + (recordsTopics ? topic.string : ""))
        onSubscribe(socket, subscriber, topic)
    }
    func socket(_ socket: XPubSocket, unsubscribed subscriber: Subscriber, from topic: Frame) {
        add("-" + (recordsTopics ? topic.string : ""))
    }
    func socket(_ socket: XPubSocket, received message: Message) { add(message) }
    func socketDroppedMessage(_ socket: XPubSocket) { dropped(socket) }
    func socketIsWritable(_ socket: XPubSocket) { becameWritable(socket) }
}
