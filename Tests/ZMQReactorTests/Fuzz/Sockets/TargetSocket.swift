import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

/// A socket of any type in a scene in virtual time, with its endpoint and the raw peers there, for the targets of whole
/// connections.
final class TargetSocket {
    let scene: TestScene
    let socket: Socket
    let type: SocketType
    let endpoint: String
    private(set) var listener: MemoryListener?
    private var made: [MemoryConnection] = []

    /// All peers so far, in the order of their connections.
    private(set) var peers: [TargetPeer] = []
    /// Whether the socket has been connected to itself.
    var isOwnPeer = false
    /// The most peers that there will be.
    var peerLimit = 8
    /// What a new peer says at once.
    var greeting: ((TargetPeer) -> Void)?

    /// What the application has received: the bodies of the frames of each message, without the name of its peer.
    var received: [[[UInt8]]] = []
    /// The same messages, for as long as the application keeps them.
    var kept: [(Message, [[UInt8]])] = []
    /// What it has sent, as a peer gets it.
    var sent: [[[UInt8]]] = []
    var sentCount = 0
    /// What the socket calls a peer, once something has been received from it.
    var nameOfPeer: Frame?
    var replies: [Reply] = []

    /// The peers whose handshake has been completed.
    var peerTypes: [SocketType] = []
    /// Why connections have ended.
    var ends: [String] = []
    var begun = 0

    /// Called in a callback of the socket: with an event, or with a message.
    var whenCalled: ((TargetSocket) -> Void)?

    /// - Parameters:
    ///   - connects: whether the socket connects, and its peers listen.
    ///   - hasHandler: whether messages go to a handler.
    init(
        _ type: SocketType,
        _ scene: TestScene,
        connects: Bool,
        hasHandler: Bool,
        _ options: SocketOptions,
        at endpoint: String = "memory://target"
    ) throws {
        (self.type, self.scene, self.endpoint) = (type, scene, endpoint)
        let link = Link()
        socket = try Self.make(type, scene, options, hasHandler ? { link.target?.take($0) } : nil) {
            link.target?.answer($0, $1)
        }
        link.target = self
        socket.onEvent = { [weak self] in self?.note($1) }
        try (socket as? SubscribingSocket)?.subscribe(to: "")
        try (socket as? DishSocket)?.join("g")
        scene.network.whenConnected = { [weak self] in self?.made.append($0) }
        if connects {
            listener = try scene.rawListener(at: endpoint)
            try socket.connect(endpoint)
        } else {
            try socket.bind(endpoint)
            addPeer()
        }
        scene.settle()
        accept()
    }

    private final class Link { weak var target: TargetSocket? }

    private static func make(
        _ type: SocketType,
        _ scene: TestScene,
        _ options: SocketOptions,
        _ take: ((Message) -> Void)?,
        _ answer: @escaping (Message, Reply) -> Void
    ) throws -> Socket {
        let (reactor, context) = (scene.reactor, scene.context)
        func make<S: ClosureSocket>(_ type: S.Type) throws -> S {
            guard let take else { return try S(on: reactor, in: context, options: options) }
            return try S(on: reactor, in: context, options: options) { _, message in take(message) }
        }
        let handler = take.map(TargetHandler.init)
        return switch type {
        case .req: try ReqSocket(on: reactor, in: context, options: options, handler: handler)
        case .rep where take != nil: try RepSocket(on: reactor, in: context, options: options) { answer($1, $2) }
        case .rep: try RepSocket(on: reactor, in: context, options: options)
        case .dealer: try make(DealerSocket.self)
        case .router: try RouterSocket(on: reactor, in: context, options: options, handler: handler)
        case .pub: try PubSocket(on: reactor, in: context, options: options, handler: handler)
        case .sub: try make(SubSocket.self)
        case .xpub: try XPubSocket(on: reactor, in: context, options: options, handler: handler)
        case .xsub: try make(XSubSocket.self)
        case .push: try PushSocket(on: reactor, in: context, options: options, handler: handler)
        case .pull: try make(PullSocket.self)
        case .pair: try make(PairSocket.self)
        case .client: try make(ClientSocket.self)
        case .server: try make(ServerSocket.self)
        case .scatter: try ScatterSocket(on: reactor, in: context, options: options)
        case .gather: try make(GatherSocket.self)
        case .peer: try make(PeerSocket.self)
        case .channel: try make(ChannelSocket.self)
        case .radio: try RadioSocket(on: reactor, in: context, options: options)
        case .dish: try make(DishSocket.self)
        default: try make(StreamSocket.self)
        }
    }

    /// All types with connections. Inputs have their numbers: the later ones follow the first.
    static let types = first + SocketType.allCases.filter { !first.contains($0) && $0 != .dgram }
    private static let first = SocketType.allCases.filter {
        $0 == .stream || $0.legacyCode != nil || $0 == .xpub || $0 == .xsub
    }

    // MARK: Peers

    /// The peer that was connected last.
    var peer: TargetPeer? { peers.last }

    /// Connects a further peer to a socket that is bound.
    func addPeer() {
        guard listener == nil, peers.count < peerLimit else { return }
        made = []
        if let raw = try? scene.rawPeer(to: endpoint) { add(raw) }
    }

    /// Takes the connections that the socket has made.
    func accept() {
        while peers.count < peerLimit, let raw = listener?.accept() { add(raw) }
    }

    private func add(_ raw: RawPeer) {
        let peer = TargetPeer(peers.count, raw, made.removeFirst(), isAccepted: listener == nil)
        peers.append(peer)
        greeting?(peer)
    }

    /// Lets everything happen that takes no time.
    func settle() {
        for _ in 0..<3 {
            scene.settle()
            accept()
            for peer in peers { peer.pump() }
        }
    }

    /// Connects again to its endpoint, which may be its own.
    func connect() {
        guard (try? socket.connect(endpoint)) != nil else { return }
        isOwnPeer = isOwnPeer || listener == nil
    }
}
