#if Configuration
    public import Configuration
    public import EventReactor
    public import ZMQReactor

    /// What a configuration says about a socket: its options and its endpoints.
    ///
    /// ```swift
    /// let orders = try SocketConfiguration(config: config.scoped(to: "orders"))
    /// let socket = try PullSocket(on: reactor, in: context, options: orders.options) { _, order in … }
    /// let endpoints = try orders.attach(socket)
    /// ```
    ///
    /// | key | |
    /// |---|---|
    /// | `bind` | the endpoints to listen at, texts |
    /// | `connect` | the endpoints to connect to, texts |
    /// | `subscribe` | the topics of a SUB or XSUB, texts; an empty one for everything |
    /// | `routingID` | the name under which ROUTER peers know the socket |
    /// | the others | the options, see `SocketOptions` |
    public struct SocketConfiguration: Sendable {
        /// The options.
        public var options: SocketOptions
        /// The endpoints to listen at.
        public var bind: [String]
        /// The endpoints to connect to.
        public var connect: [String]
        /// The topics to subscribe to.
        public var subscribe: [String]
        /// The name under which ROUTER peers know the socket; nil for none.
        public var routingID: String?

        /// - Throws: `invalidArgument`, with the key and its value, for a value of the wrong type or out of range.
        public init(config: ConfigReader, options: SocketOptions = SocketOptions()) throws(ZMQError) {
            let values = ConfigValues(config: config)
            self.options = try SocketOptions(config: config, onto: options)
            bind = try values.strings("bind") ?? []
            connect = try values.strings("connect") ?? []
            subscribe = try values.strings("subscribe") ?? []
            routingID = try values.string("routingID")
        }

        /// Subscribes and names a socket as configured, binds it, and connects it. Its options are those that it was made
        /// with.
        ///
        /// - Returns: The resolved endpoints that it listens at.
        /// - Throws: `invalidArgument`, with the key, for a key that a socket of this type does not have; and what
        ///   `bind` and `connect` throw.
        @discardableResult
        public func attach(_ socket: Socket) throws(ZMQError) -> [String] {
            if !subscribe.isEmpty {
                guard let socket = socket as? SubscribingSocket else { throw misplaced("subscribe", socket) }
                for topic in subscribe { try socket.subscribe(to: topic) }
            }
            if let routingID {
                guard let socket = socket as? any RoutableSocket else { throw misplaced("routingID", socket) }
                try socket.setRoutingID(routingID)
            }
            var endpoints: [String] = []
            for endpoint in bind { endpoints.append(try socket.bind(endpoint)) }
            for endpoint in connect { try socket.connect(endpoint) }
            return endpoints
        }

        private func misplaced(_ key: String, _ socket: Socket) -> ZMQError {
            ZMQError(.invalidArgument, "a \(socket.type) socket has no key '\(key)'", option: key)
        }
    }

    extension Reactor {
        /// Makes a reactor on a new thread, as configured: the keys `threadName`, a text, and `inboxLimit`, 1 or more.
        /// As `start(named:inboxLimit:setUp:)`.
        ///
        /// - Throws: `ZMQError` with `invalidArgument`, the key and its value, for a value of the wrong type or out of
        ///   range; and as `start(named:inboxLimit:setUp:)`.
        public static func start(
            config: ConfigReader,
            setUp: @escaping @Sendable (Reactor) throws -> Void = { _ in }
        ) throws -> ReactorThread {
            let values = ConfigValues(config: config)
            let limit = try values.number("inboxLimit")
            if let limit, limit < 1 { throw ZMQError.badKey("inboxLimit", "\(limit)", "1 or more") }
            return try start(named: try values.string("threadName"), inboxLimit: limit, setUp: setUp)
        }
    }
#endif
