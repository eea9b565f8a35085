import Glibc

/// The options of a socket of any type. Options of one type are properties of that type.
///
/// Passed when a socket is created, or changed later with ``Socket/configure(_:)``; a later change applies to the binds
/// and connects that follow it.
public struct SocketOptions: Sendable, Equatable {
    /// How long a closed socket or disconnected endpoint may keep sending queued messages.
    public enum Linger: Sendable, Equatable {
        /// Not at all: queued messages are dropped.
        case none
        /// Until everything has been sent, but no longer than this.
        case atMost(Duration)
        /// Until everything has been sent, however long that takes.
        case untilSent

        /// The longest time; nil for no limit.
        var limit: Duration? {
            switch self {
            case .none: .zero
            case .atMost(let limit): limit
            case .untilSent: nil
            }
        }
    }

    /// Conditions on which a connect gives up for good instead of retrying.
    public struct ReconnectStop: OptionSet, Sendable {
        /// The bits.
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// No process listens at the endpoint (ECONNREFUSED, see connect(2)).
        public static let connectionRefused = ReconnectStop(rawValue: 1)
        /// The handshake failed, for any reason. An ERROR from the peer ends the attempts in any case.
        public static let handshakeFailed = ReconnectStop(rawValue: 2)
        /// `disconnect` was called while there was no connection: messages queued for it are dropped.
        public static let afterDisconnect = ReconnectStop(rawValue: 4)
    }

    // MARK: Queues

    /// The most messages queued for one peer, counting whole messages. 0 means no limit. Default 1000.
    public var sendHighWaterMark = 1000

    /// The most messages that have arrived from one peer and have not been received by the application, counting whole
    /// messages; then the socket stops reading from that peer. A connection on which nothing can be sent any more is an
    /// exception: when the application receives nothing for 5 s, what has arrived on it is read to its end, so that the
    /// next connection can be made. 0 means no limit. Default 1000.
    public var receiveHighWaterMark = 1000

    /// A limit in bytes in addition to ``sendHighWaterMark``: a message is accepted as long as fewer bytes than this
    /// are queued for the peer, including frame headers. nil means no limit. Default 64 MiB, which a thousand messages
    /// of 64 KiB do not reach.
    public var sendHighWaterMarkBytes: Int? = 64 << 20

    /// A limit in bytes in addition to ``receiveHighWaterMark``: the socket keeps reading from a peer as long as fewer
    /// bytes than this are queued for the application, including frame headers. nil means no limit. Default 64 MiB.
    public var receiveHighWaterMarkBytes: Int? = 64 << 20

    /// A limit in bytes for the messages queued for all peers of the socket together, including frame headers, so that
    /// many peers that do not read cannot fill the memory. When it is reached, the queues count as full until half of
    /// it has been sent; meanwhile each peer may have some 64 KiB queued, or one message, so that peers that read are
    /// served. A message that goes to several peers counts for each. A later ``Socket/configure(_:)`` applies at once.
    /// nil means no limit. Default 512 MiB. ``Context/sendBudget`` applies in addition.
    public var sendBudget: Int? = 512 << 20

    /// A limit in bytes for what has arrived from all peers of the socket together and has not been received by the
    /// application, including incomplete messages. When it is reached, the socket stops reading, except for some 128
    /// KiB of each peer, until the application has received half of it. If there is nothing to receive, because all of
    /// it is incomplete messages, the connection that exceeds it is closed with ``SocketLimit/unfinishedBytes``. A
    /// later ``Socket/configure(_:)`` applies at once. nil means no limit. Default 512 MiB. ``Context/receiveBudget``
    /// applies in addition.
    public var receiveBudget: Int? = 512 << 20

    /// Whether only the newest message is kept, for each peer and direction, instead of a queue: for values of which
    /// only the last one matters. Multipart messages are kept whole. High-water marks have no effect; replaced messages
    /// count as dropped. For PUB, SUB, PUSH, PULL and DEALER. Default false.
    public var isConflating = false

    /// Whether messages are queued only for connected peers whose handshake is complete. Otherwise they are queued from
    /// the call of `connect` on, and kept while a connection is lost. Default false.
    public var isImmediate = false

    /// The largest message accepted from a peer, in bytes on the wire; a peer that announces a larger one is
    /// disconnected. Default 64 MiB.
    public var maxMessageSize = 64 << 20

    // MARK: Life of a connection

    /// What happens to queued messages when the socket is closed or disconnected from an endpoint, or a STREAM socket
    /// hangs up on a peer. Until everything has been sent, the socket waits for a peer that does not read, within this
    /// limit. Closing uses the last ``Socket/configure(_:)``, disconnecting the options of the connect. Default: at
    /// most 30 s.
    public var linger = Linger.atMost(.seconds(30))

    /// The delay before the first attempt to reconnect; it doubles with every further attempt, with a jitter of 25 %, and
    /// is reset after a handshake. Default 100 ms.
    public var reconnectInterval = Duration.milliseconds(100)

    /// The longest delay between two attempts to connect. Default 5 s.
    public var reconnectIntervalMax = Duration.seconds(5)

    /// Conditions on which a connect gives up. Default: none.
    public var reconnectStop: ReconnectStop = []

    /// How long the lookup of a host's name may take, and then the connection to each of its addresses, including a
    /// proxy; nil leaves both to the operating system. Default 10 s.
    public var connectTimeout: Duration? = .seconds(10)

    /// Whether a connect to the name of a host keeps one connection to each of the host's addresses, instead of one to
    /// the first that answers: for names that stand for all instances of a service. Not for PAIR. Default false.
    ///
    /// The name is looked up again at every ``lookupInterval``: an address that has appeared is connected to, and one
    /// that is gone is disconnected from, as by ``Socket/disconnect(_:_:)``. When a lookup fails, the connections stay.
    /// Of a host with IPv4 and IPv6 addresses only those of one kind are used, IPv4 unless ``usesIPv6`` is true, since
    /// an instance commonly has one of each. Events, and ``Socket/connections``, name the address in the place of the
    /// host. There is no queue before the first lookup succeeds: sending would block until then. Numeric addresses,
    /// other transports, and a proxy, which looks names up itself, are connected to as without this option.
    public var connectsToAllAddresses = false

    /// How long after a lookup the name is looked up again, with ``connectsToAllAddresses``. Default 30 s.
    public var lookupInterval = Duration.seconds(30)

    /// How long the handshake of a new connection may take before it is closed. Default 30 s.
    public var handshakeInterval = Duration.seconds(30)

    /// Whether peers that speak ZMTP 1.0 or 2.0 are accepted. If not, the whole greeting is sent at once, which saves a
    /// new connection up to two round trips. Default true.
    public var acceptsLegacyPeers = true

    /// How often a PING is sent, on connections to peers that speak ZMTP 3.1; nil for never. Default nil.
    public var heartbeatInterval: Duration?

    /// How long the peer may give no sign of life, once a PING is due, before the connection counts as lost; nil for
    /// the value of ``heartbeatInterval``, without which there is no PING. Default nil.
    ///
    /// Any input is a sign of life, and so is progress of blocked output. A peer that is alive but does not read is
    /// lost, too, if for so long none of the output to it progresses and nothing arrives from it: it cannot reply to a
    /// PING that it does not read. If the peer may be slow to read what its operating system has buffered, choose a
    /// timeout that allows for it. While this side does not read, because the application has not received what has
    /// arrived, the timeout is suspended.
    public var heartbeatTimeout: Duration?

    /// How long the peer is asked, with each PING, to wait for a sign of life from this side before it closes the
    /// connection: at most 65.5 s, in steps of a tenth of a second; nil for no limit. Default nil.
    public var heartbeatTTL: Duration?

    /// How long a connection may have output pending, messages or other, without sending a byte of it, before it is
    /// closed with ``EventReason/Kind/writeTimeout``: our operating system accepts nothing, and the peer's acknowledges
    /// nothing. nil for no limit. Default nil.
    ///
    /// Messages the peer has sent by then are delivered first, as soon as the application has room for them. Queued
    /// messages stay queued for the next connection to the endpoint.
    ///
    /// Works with peers of every protocol version, with raw ones, and without heartbeats. libzmq's ZMQ_SNDTIMEO is
    /// different: it limits a blocking call, which does not exist here.
    public var writeTimeout: Duration?

    /// The I/O threads of the context on which connections may live, one bit for each, the lowest for the first; 0 for
    /// all. The one with the fewest endpoints is used. No effect without I/O threads. Default 0.
    public var affinity: UInt64 = 0

    /// The most that peers may take: connections, handshakes in progress, frames of a message. Applies to endpoints
    /// that are bound and connected afterwards. See <doc:Limits>.
    public var limits = SocketLimits()

    // MARK: Security

    /// The security mechanism, and which peers may connect; see <doc:Security>. Default ``SocketSecurity/none``, which
    /// is the only one for a STREAM socket.
    public var security = SocketSecurity.none

    // MARK: tcp

    /// Whether `*` includes all IPv6 addresses in addition to the IPv4 ones, and a name's addresses are tried in the
    /// system's order rather than IPv4 first. A numeric IPv6 address works in any case. See ipv6(7), IPV6_V6ONLY.
    /// Default false.
    public var usesIPv6 = false

    /// The most connections that the operating system holds until they are accepted, over tcp and ipc; see listen(2).
    /// When there are more, a tcp client retries after a second, and an ipc client is refused. The system's own limit,
    /// `net.core.somaxconn`, caps it. Default `SOMAXCONN`, which is 4096 on Linux.
    public var backlog = Int(SOMAXCONN)

    /// Whether the operating system probes idle tcp connections, see tcp(7), SO_KEEPALIVE; nil leaves the system's
    /// setting. Default true: the loss of a peer's host or network is found two minutes after its last packet, and
    /// routers on the way keep their state for the connection.
    public var tcpKeepalive: Bool? = true

    /// How long a tcp connection is idle before it is probed, in whole seconds, see tcp(7), TCP_KEEPIDLE; nil leaves
    /// the system's setting. Default 60 s.
    public var tcpKeepaliveIdle: Duration? = .seconds(60)

    /// The time between two probes, in whole seconds, see tcp(7), TCP_KEEPINTVL; nil leaves the system's setting.
    /// Default 15 s.
    public var tcpKeepaliveInterval: Duration? = .seconds(15)

    /// The number of unanswered probes that end a tcp connection, see tcp(7), TCP_KEEPCNT; nil leaves the system's
    /// setting. Default 4.
    public var tcpKeepaliveCount: Int? = 4

    /// How long sent data may stay unacknowledged before the operating system ends a tcp connection, in steps of a
    /// millisecond, 1 to 2,147,483,647 ms, see tcp(7), TCP_USER_TIMEOUT (libzmq: ZMQ_TCP_MAXRT); nil leaves the
    /// system's setting. It detects a host that is gone, but not a process that does not read: use ``heartbeatTimeout``
    /// or ``writeTimeout`` for that.
    public var tcpUserTimeout: Duration?

    /// The operating system's send buffer, in bytes per connection, see socket(7), SO_SNDBUF; nil leaves the system's
    /// setting.
    public var sendBuffer: Int?

    /// The operating system's receive buffer, in bytes per connection, see socket(7), SO_RCVBUF; nil leaves the
    /// system's setting.
    public var receiveBuffer: Int?

    /// The type-of-service byte of tcp packets, 0 to 255, see ip(7), IP_TOS; nil leaves the system's setting.
    public var typeOfService: Int?

    // MARK: ws

    /// Which clients a bound WebSocket endpoint accepts. Default ``WebSocketClients/subprotocol``.
    public var webSocketClients = WebSocketClients.subprotocol

    // MARK: Rare

    /// The options that few sockets set; nil when all are the default.
    var rare: RareOptions?

    // MARK: pgm, epgm and udp

    /// The most that a publisher sends to a multicast group, with all headers and repairs, in kilobits per second, 1 to
    /// 100,000,000. What does not fit waits up to the high-water mark. A group has no other flow control, so that a
    /// value beyond what the network or the slowest subscriber can take only causes losses. Default 100,000, which is
    /// 100 Mbit/s. libzmq's ZMQ_RATE is 100 kbit/s by default, which is 12 kB per second.
    public var multicastRate = 100_000

    /// How long a publisher keeps what it has sent to a multicast group for subscribers that miss it, which takes
    /// memory of as much as the rate sends in that time; and how long a subscriber waits for what it misses before it
    /// counts as lost. 1 ms to 1 h. Default 2 s. libzmq's ZMQ_RECOVERY_IVL is 10 s by default, at its lower rate.
    public var multicastRecoveryInterval = Duration.seconds(2)

    /// How many networks multicast packets, also those of udp, may pass, 1 to 255, see ip(7), IP_MULTICAST_TTL. Default
    /// 1: they stay in the local one.
    public var multicastHops = 1

    /// The largest multicast packet, with all headers, in bytes, 256 to 65,535: no more than the MTU of the network, and
    /// the same for publishers and subscribers, which drop larger ones. Default 1500.
    public var multicastMaxTPDU = 1500

    /// Whether what a publisher, or a RADIO or DGRAM over udp, sends to a multicast group also reaches members on the
    /// same host, see ip(7), IP_MULTICAST_LOOP. Default true. libzmq never does that over pgm and epgm, except on the
    /// loopback interface.
    public var multicastLoop = true

    // MARK: ipc

    /// The mode of a bound ipc endpoint's file, which controls access, see unix(7) and chmod(2); nil leaves it to the
    /// umask. Default nil.
    public var ipcPermissions: UInt32?

    /// The defaults, as documented at each property.
    public init() {}
}
