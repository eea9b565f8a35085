import Glibc
import ZMTP

/// Why a connection could not be made, was rejected, or has ended.
///
/// Switch on ``kind``; show ``description`` to people.
public struct EventReason: Sendable, Equatable {
    /// The kinds of reason. New ones may be added, so a `switch` needs a `default`.
    public struct Kind: Hashable, Sendable {
        private enum Value: Hashable, Sendable {
            case closed, peerClosed, refusedByPeer, protocolError, handshakeTimeout, heartbeatTimeout, writeTimeout,
                notAllowed, notAuthenticated, rejected
            case unknownHost, connectionRefused, connectTimeout, proxy, packetsLost
            case system(Int32)
            case limitExceeded(SocketLimit)
        }

        private let value: Value
        private init(_ value: Value) { self.value = value }

        /// The limit that was exceeded, if this is such a reason.
        var limit: SocketLimit? {
            switch value {
            case .limitExceeded(let limit): limit
            case .handshakeTimeout: .handshakeTime
            default: nil
            }
        }

        /// This side closed it.
        public static let closed = Kind(.closed)
        /// The peer closed it, or died.
        public static let peerClosed = Kind(.peerClosed)
        /// The peer rejected this side with ERROR: no further attempt is made.
        public static let refusedByPeer = Kind(.refusedByPeer)
        /// The peer violated the protocol, speaks another one, or has an incompatible type.
        public static let protocolError = Kind(.protocolError)
        /// The handshake was not complete within ``SocketOptions/handshakeInterval``.
        public static let handshakeTimeout = Kind(.handshakeTimeout)
        /// The peer gave no sign of life within ``SocketOptions/heartbeatTimeout``, or within its own time to live.
        public static let heartbeatTimeout = Kind(.heartbeatTimeout)
        /// None of the queued bytes could be sent for ``SocketOptions/writeTimeout``.
        public static let writeTimeout = Kind(.writeTimeout)
        /// The peer could not show that it may connect: wrong credentials, the authenticator's decision, or something
        /// encrypted that is not authentic. See <doc:Security>.
        public static let notAuthenticated = Kind(.notAuthenticated)
        /// The peer is not allowed to connect to the ipc endpoint.
        public static let notAllowed = Kind(.notAllowed)
        /// The socket accepts no further peer, such as a PAIR that has one.
        public static let rejected = Kind(.rejected)
        /// The host name has no address.
        public static let unknownHost = Kind(.unknownHost)
        /// No process listens at the address.
        public static let connectionRefused = Kind(.connectionRefused)
        /// The address did not answer within ``SocketOptions/connectTimeout``.
        public static let connectTimeout = Kind(.connectTimeout)
        /// The SOCKS5 proxy did not make the connection.
        public static let proxy = Kind(.proxy)
        /// Packets of a multicast sender were lost and not repaired: its messages are received again from the next one
        /// that begins.
        public static let packetsLost = Kind(.packetsLost)
        /// A system call failed, with this errno. `ENOMEM`: there is no memory for what the peer sends.
        public static func system(_ errno: Int32) -> Kind { Kind(.system(errno)) }
        /// The connection or its peer exceeds a limit of the socket; see <doc:Limits>.
        public static func limitExceeded(_ limit: SocketLimit) -> Kind { Kind(.limitExceeded(limit)) }
    }

    /// What kind of reason this is.
    public let kind: Kind

    /// One sentence.
    public let message: String

    /// The limit that was exceeded; nil for other reasons. For a handshake that takes too long, the kind is
    /// `handshakeTimeout`, and this is ``SocketLimit/handshakeTime``.
    public var limit: SocketLimit? { kind.limit }

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

extension EventReason: CustomStringConvertible {
    public var description: String { message }
}

extension EventReason {
    static let closed = EventReason(.closed, "closed")
    static let peerClosed = EventReason(.peerClosed, "the peer closed the connection")
    static let handshakeTimeout = EventReason(.handshakeTimeout, "the handshake timed out")
    static let notAllowed = EventReason(.notAllowed, "the peer is not allowed to connect")

    static func noMemory(for what: String) -> EventReason {
        EventReason(.system(ENOMEM), "no memory for \(what)")
    }

    static func limitExceeded(_ limit: SocketLimit, _ message: String) -> EventReason {
        EventReason(.limitExceeded(limit), message)
    }

    init(_ error: ProtocolError) {
        let kind: Kind =
            switch error.code {
            case .refusedByPeer: .refusedByPeer
            case .tooLarge: .limitExceeded(.messageSize)
            case .tooManyFrames: .limitExceeded(.framesPerMessage)
            case .handshakeTooLarge: .limitExceeded(.handshakeBytes)
            case .metadataTooLarge: .limitExceeded(.metadataBytes)
            case .notAuthenticated, .notAuthentic: .notAuthenticated
            case .noMemory: .system(ENOMEM)
            default: .protocolError
            }
        self.init(kind, error.message)
    }

    /// - Parameter count: the bytes of this connection.
    static func unfinishedBytes(_ count: Int) -> EventReason {
        .limitExceeded(
            .unfinishedBytes,
            "unfinished messages exceed the receive budget, \(count) bytes of them from this peer"
        )
    }

    static func rejected(_ reason: String) -> EventReason { EventReason(.rejected, reason) }

    /// A failed system call on an established connection.
    static func system(_ errno: Int32) -> EventReason {
        EventReason(.system(errno), ZMQError.Code.systemMessage(errno))
    }
}
