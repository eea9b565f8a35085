import Glibc

/// How a socket behaves, whatever its type. What concerns one type only is a property of that type.
///
/// Given when a socket is created, or changed later with ``Socket/configure(_:)``; a later change holds for the binds and
/// connects that follow it.
public struct SocketOptions: Sendable, Equatable {
    /// How long a closed socket, or a connection that is given up, may go on sending what is queued.
    public enum Linger: Sendable, Equatable {
        /// Not at all: what is queued is thrown away.
        case none
        /// Until everything has left, but no longer than this.
        case atMost(Duration)
        /// Until everything has left, however long that takes.
        case untilSent

        /// The longest time; nil for as long as it takes.
        var limit: Duration? {
            switch self {
            case .none: .zero
            case .atMost(let limit): limit
            case .untilSent: nil
            }
        }
    }

    /// What makes a connect give up for good instead of trying again.
    public struct ReconnectStop: OptionSet, Sendable {
        /// The set as bits.
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// Nobody listens at the endpoint (ECONNREFUSED, see connect(2)).
        public static let connectionRefused = ReconnectStop(rawValue: 1)
        /// The handshake failed, for whatever reason. A peer that says ERROR ends the attempts in any case.
        public static let handshakeFailed = ReconnectStop(rawValue: 2)
        /// `disconnect` was called while there was no connection: what is queued for it is given up.
        public static let afterDisconnect = ReconnectStop(rawValue: 4)
    }

    // MARK: Queues

    /// Most messages queued for one peer that have not left yet, counted whole. 0 means no limit. Default 1000.
    public var sendHighWaterMark = 1000

    /// Most messages that have arrived from one peer and that the application has not taken, counted whole; then the socket
    /// stops reading from that peer. 0 means no limit. Default 1000.
    public var receiveHighWaterMark = 1000

    /// A limit in bytes beside ``sendHighWaterMark``: a message is taken as long as the bytes queued for the peer are fewer than
    /// this, frame headers included. nil means no limit. Default 64 MiB, which a thousand messages of 64 KiB do not reach.
    public var sendHighWaterMarkBytes: Int? = 64 << 20

    /// A limit in bytes beside ``receiveHighWaterMark``: the socket reads on from a peer as long as the bytes that wait for the
    /// application are fewer than this, frame headers included. nil means no limit. Default 64 MiB.
    public var receiveHighWaterMarkBytes: Int? = 64 << 20

    /// A limit in bytes for what is queued for all peers of the socket together, frame headers included, so that many peers that do
    /// not read cannot fill the memory. When it is reached the queues count as full until half of it has left; meanwhile each peer may
    /// have some 64 KiB queued, or one message, so that those who read are served. A message that goes to several peers counts for each. A
    /// later ``Socket/configure(_:)`` holds at once. nil means no limit. Default 512 MiB. Beside it stands ``Context/sendBudget``.
    public var sendBudget: Int? = 512 << 20

    /// A limit in bytes for what has arrived from all peers of the socket together and that the application has not taken,
    /// unfinished messages included. When it is reached the socket stops reading, but for some 128 KiB of each peer, until the application has
    /// taken half of it. When there is nothing to be taken, because all of it is unfinished messages, the connection that exceeds it
    /// ends with ``SocketLimit/unfinishedBytes``. A later ``Socket/configure(_:)`` holds at once. nil means no limit. Default
    /// 512 MiB. Beside it stands ``Context/receiveBudget``.
    public var receiveBudget: Int? = 512 << 20

    /// Whether only the newest message is kept, for each peer and direction, in place of a queue: for values of which only
    /// the last counts. Multipart messages are kept whole. High-water marks have no effect; what is displaced counts as
    /// dropped. For PUB, SUB, PUSH, PULL and DEALER. Default false.
    public var isConflating = false

    /// Whether messages are queued only for peers that are connected and have shaken hands. Otherwise they are queued from
    /// the call of `connect` on, and kept while a connection is lost. Default false.
    public var isImmediate = false

    /// The largest message that is accepted from a peer, in bytes on the wire; a peer that announces more is
    /// disconnected. Default 64 MiB.
    public var maxMessageSize = 64 << 20

    // MARK: Life of a connection

    /// What happens to queued messages when the socket is closed or disconnected from an endpoint, or a STREAM socket hangs up on a peer.
    /// Until everything has left, a peer that lives and does not read is waited for as long as it does that. Closing goes by the last
    /// ``Socket/configure(_:)``, disconnecting by the options of the connect. Default: at most 30 s.
    public var linger = Linger.atMost(.seconds(30))

    /// The pause before the first attempt to connect again; it doubles with every further attempt, each time changed by up to
    /// a quarter at random, and starts again after a handshake. Default 100 ms.
    public var reconnectInterval = Duration.milliseconds(100)

    /// The longest pause between two attempts to connect. Default 5 s.
    public var reconnectIntervalMax = Duration.seconds(5)

    /// What makes a connect give up. Default: nothing.
    public var reconnectStop: ReconnectStop = []

    /// How long looking a host's name up may take, and then connecting to each of its addresses, a proxy included; nil leaves both
    /// to the operating system. Default 10 s.
    public var connectTimeout: Duration? = .seconds(10)

    /// How long a new connection may take to shake hands before it is dropped. Default 30 s.
    public var handshakeInterval = Duration.seconds(30)

    /// Whether peers that speak ZMTP 1.0 or 2.0 are let in. When they are not, the whole greeting is sent at once, which
    /// saves a new connection up to two round trips. Default true.
    public var acceptsOlderPeers = true

    /// How often a PING is sent, on connections to peers that speak ZMTP 3.1; nil for never. Default nil.
    public var heartbeatInterval: Duration?

    /// How long the peer may give no sign of life once a PING is due before the connection counts as lost; nil for as long as
    /// ``heartbeatInterval``, without which there is no PING. Default nil.
    ///
    /// A sign of life is whatever arrives, and progress of output that was blocked. A peer that lives and does not read is lost,
    /// too, when nothing of what is sent to it moves for so long and nothing comes from it: it cannot answer a PING that it does
    /// not read. Should the peer be slow to read what its operating system has taken in for it, give it the time for that. While
    /// this side does not read, because the application has not taken what has arrived, the peer's silence means nothing.
    public var heartbeatTimeout: Duration?

    /// How long the peer is asked, with each PING, to wait for a sign of life from us before it counts us as gone: at most 65.5 s,
    /// in steps of a tenth of a second; nil for ever. Default nil.
    public var heartbeatTTL: Duration?

    /// How long a connection may have messages, or anything else, to send without a byte of it moving before it ends, with
    /// ``EventReason/Kind/writeTimeout`` as the reason: our operating system takes nothing, and the peer's acknowledges nothing. nil for
    /// ever. Default nil.
    ///
    /// What the peer has sent by then is delivered first, which waits while the application has no room for it. What is queued stays
    /// queued for the next connection to the endpoint.
    ///
    /// Works with peers of every protocol version, with raw ones, and without heartbeats. libzmq's ZMQ_SNDTIMEO is something else: a
    /// limit for a call that blocks, of which there is none here.
    public var writeTimeout: Duration?

    /// The I/O threads of the context that connections may live on, one bit for each, the lowest for the first; 0 for all. Of these
    /// the one with the fewest endpoints is taken. Without I/O threads it says nothing. Default 0.
    public var affinity: UInt64 = 0

    /// What peers can take at most: connections, handshakes in progress, frames of a message. They hold for the endpoints that are bound
    /// and connected afterwards. See <doc:Limits>.
    public var limits = SocketLimits()

    // MARK: tcp

    /// Whether `*` means all IPv6 addresses beside the IPv4 ones, and a name's addresses are tried in the system's order rather
    /// than IPv4 first. An IPv6 address that is written out works in any case. See ipv6(7), IPV6_V6ONLY. Default false.
    public var usesIPv6 = false

    /// Connections that the operating system may hold for us until they are accepted, over tcp and ipc, see listen(2). When it holds
    /// so many, a further tcp client tries again after a second, and an ipc client is refused. The system has a limit of its own,
    /// `net.core.somaxconn`, that a larger number is cut to. Default `SOMAXCONN`, which is 4096 on Linux.
    public var backlog = Int(SOMAXCONN)

    /// Whether the operating system probes idle tcp connections, see tcp(7), SO_KEEPALIVE; nil leaves it as it is. Default true: a peer
    /// whose machine or network is gone is found two minutes after it was last seen, and routers on the way keep the connection in mind.
    public var tcpKeepalive: Bool? = true

    /// How long a tcp connection is idle before it is probed, in whole seconds, see tcp(7), TCP_KEEPIDLE; nil leaves it as it is.
    /// Default 60 s.
    public var tcpKeepaliveIdle: Duration? = .seconds(60)

    /// The time between two probes, in whole seconds, see tcp(7), TCP_KEEPINTVL; nil leaves it as it is. Default 15 s.
    public var tcpKeepaliveInterval: Duration? = .seconds(15)

    /// How many unanswered probes end a tcp connection, see tcp(7), TCP_KEEPCNT; nil leaves it as it is. Default 4.
    public var tcpKeepaliveCount: Int? = 4

    /// How long what was sent may stay unacknowledged before the operating system ends a tcp connection, in steps of a millisecond, 1 to
    /// 2,147,483,647 ms, see tcp(7), TCP_USER_TIMEOUT (libzmq: ZMQ_TCP_MAXRT); nil leaves it as it is. It finds a machine that is
    /// gone, and not a process that does not read: use ``heartbeatTimeout`` or ``writeTimeout`` for that.
    public var tcpUserTimeout: Duration?

    /// The operating system's buffer for what leaves, in bytes per connection, see socket(7), SO_SNDBUF; nil leaves it as it is.
    public var sendBuffer: Int?

    /// The operating system's buffer for what arrives, in bytes per connection, see socket(7), SO_RCVBUF; nil leaves it as it is.
    public var receiveBuffer: Int?

    /// The type-of-service byte of tcp packets, 0 to 255, see ip(7), IP_TOS; nil leaves it as it is.
    public var typeOfService: Int?

    /// The network interface that tcp connections must go through, see socket(7), SO_BINDTODEVICE; nil for any.
    public var bindToDevice: String?

    /// The SOCKS5 proxy (RFC 1928) through which tcp connections are made, as `host:port`; nil for none. Names of endpoints are
    /// then looked up by the proxy.
    public var socksProxy: String?

    /// Who we are to the proxy (RFC 1929), 1 to 255 bytes, for one that asks; nil for nobody. It travels in clear.
    public var socksUser: String?

    /// The password that goes with ``socksUser``, up to 255 bytes; nil for an empty one.
    public var socksPassword: String?

    // MARK: ipc

    /// The mode of a bound ipc endpoint's file, which says who may connect, see unix(7) and chmod(2); nil leaves it to the
    /// umask. Default nil.
    public var ipcPermissions: UInt32?

    /// The users, groups and processes that may connect to a bound ipc endpoint; see unix(7), SO_PEERCRED. Who is in one of
    /// the three sets gets in; everybody does when all are empty, which is the default.
    public var ipcAllowedUsers: Set<UInt32> = []

    /// The primary groups whose processes may connect to a bound ipc endpoint, see `ipcAllowedUsers`.
    public var ipcAllowedGroups: Set<UInt32> = []

    /// The processes that may connect to a bound ipc endpoint, see `ipcAllowedUsers`.
    public var ipcAllowedProcesses: Set<Int32> = []

    /// The defaults, as each property says.
    public init() {}
}
