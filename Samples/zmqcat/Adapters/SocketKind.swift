import ZMQReactor

/// A socket type of this program: its name on the command line, its capabilities and its adapter.
struct SocketKind {
    /// The name on the command line.
    let name: String

    /// Whether it can send messages.
    let sends: Bool

    /// Whether it receives messages.
    let receives: Bool

    /// Whether it subscribes to topics, or joins groups.
    let subscribes: Bool

    /// Whether a received message that is sent again unchanged returns to its sender.
    let echoes: Bool

    /// Opens a socket.
    let open: (Setup) throws(ZMQError) -> any Adapter

    /// - Parameter socket: the class of the socket, which determines its capabilities.
    private init(
        _ name: String,
        _ socket: Socket.Type,
        echoes: Bool = false,
        _ open: @escaping (Setup) throws(ZMQError) -> any Adapter
    ) {
        self.name = name
        sends = socket is any SendingSocket.Type
        receives = socket is any ReceivingSocket.Type
        subscribes = socket is SubscribingSocket.Type || socket is DishSocket.Type
        self.echoes = echoes
        self.open = open
    }

    /// A type that uses the plain adapter.
    ///
    /// - Parameter handler: returns the adapter as the handler of the class.
    private init<S: HandledSocket>(
        _ name: String,
        plain socket: S.Type,
        echoes: Bool = false,
        handler: @escaping (PlainAdapter) -> S.Handler?
    ) {
        self.init(name, socket, echoes: echoes) { setup throws(ZMQError) in
            try PlainAdapter(setup, socket, handler)
        }
    }
}

extension SocketKind {
    /// All socket types, one row each.
    static var all: [SocketKind] {
        [
            SocketKind("req", ReqSocket.self, RequestAdapter.init),
            SocketKind("rep", RepSocket.self, echoes: true, ReplyAdapter.init),
            SocketKind("dealer", plain: DealerSocket.self, echoes: true) { $0 },
            SocketKind("router", RouterSocket.self, echoes: true, RouterAdapter.init),
            SocketKind("pub", plain: PubSocket.self) { _ in nil },
            SocketKind("sub", plain: SubSocket.self) { $0 },
            SocketKind("xpub", plain: XPubSocket.self) { $0 },
            SocketKind("xsub", plain: XSubSocket.self) { $0 },
            SocketKind("push", plain: PushSocket.self) { $0 },
            SocketKind("pull", plain: PullSocket.self) { $0 },
            SocketKind("pair", plain: PairSocket.self, echoes: true) { $0 },
            SocketKind("stream", StreamSocket.self, echoes: true, StreamAdapter.init),
            SocketKind("client", plain: ClientSocket.self, echoes: true) { $0 },
            SocketKind("server", plain: ServerSocket.self, echoes: true) { $0 },
            SocketKind("scatter", plain: ScatterSocket.self) { $0 },
            SocketKind("gather", plain: GatherSocket.self) { $0 },
            SocketKind("channel", plain: ChannelSocket.self, echoes: true) { $0 },
            SocketKind("peer", plain: PeerSocket.self, echoes: true) { $0 },
            SocketKind("radio", plain: RadioSocket.self) { _ in nil },
            SocketKind("dish", plain: DishSocket.self) { $0 },
            SocketKind("dgram", plain: DgramSocket.self, echoes: true) { $0 },
        ]
    }
}
