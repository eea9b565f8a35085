public import ZMTP

/// How the connections of a socket are secured: a mechanism of ZMTP, this socket's side of it, and for a server the
/// ``Authenticator`` that decides which peers may connect.
///
/// ```swift
/// var options = SocketOptions()
/// options.security = try .curveServer(keys, authenticator: .keys([clientKey]))
/// ```
///
/// Both sides need the same mechanism: a connection to a peer with another one, or of a version without mechanisms,
/// closes in the handshake. Which side is the server of the mechanism does not depend on which side connects. A server
/// without an authenticator refuses every client. Over inproc there is no mechanism, because both sides are one
/// process.
///
/// Two values are equal if one is an unchanged copy of the other: there is no way to compare closures.
///
/// What each mechanism gives, and what it does not: <doc:Security>.
public struct SocketSecurity: Sendable {
    /// One reference, so that options are cheap to copy.
    private final class Settings: Sendable {
        let mechanism: Mechanism
        let authenticator: Authenticator?
        let domain: String
        let timeout: Duration

        init(_ mechanism: Mechanism, _ authenticator: Authenticator?, _ domain: String, _ timeout: Duration) {
            (self.mechanism, self.authenticator, self.domain, self.timeout) = (
                mechanism, authenticator, domain, timeout
            )
        }
    }

    private var settings: Settings

    /// The name of the rules that apply, which the authenticator receives: the domain of ZAP (RFC 27), printable ASCII
    /// of up to 255 bytes. Default empty.
    public var domain: String {
        get { settings.domain }
        set { settings = Settings(mechanism, authenticator, newValue, settings.timeout) }
    }

    /// How long an asynchronous authenticator may take for one peer. Then the peer is refused, and may try again; the
    /// limit is ``SocketLimit/authenticationTime``. Default 10 s.
    public var authenticationTimeout: Duration {
        get { settings.timeout }
        set { settings = Settings(mechanism, authenticator, settings.domain, newValue) }
    }

    init(_ mechanism: Mechanism, _ authenticator: Authenticator? = nil) {
        settings = Settings(mechanism, authenticator, "", .seconds(10))
    }

    var mechanism: Mechanism { settings.mechanism }
    var authenticator: Authenticator? { settings.authenticator }

    /// The name of the mechanism: `NULL`, `PLAIN` or `CURVE`.
    public var mechanismName: String { mechanism.text }

    /// Whether this is the server's side, which has an authenticator decide.
    public var isServer: Bool { authenticator != nil || mechanism.role == .server }

    // MARK: Mechanisms

    /// NULL (RFC 37): nothing is encrypted, and every peer may connect. The default.
    public static let none = SocketSecurity(.null)

    /// NULL, with an authenticator: it knows a peer's address and what the peer says of itself.
    public static func null(authenticator: Authenticator) -> SocketSecurity {
        SocketSecurity(.authenticatedNull, authenticator)
    }

    /// The server's side of PLAIN (RFC 24): clients send a name and a password, unencrypted.
    ///
    /// - Parameter authenticator: decides by name and password; without one, every client is refused.
    public static func plainServer(authenticator: Authenticator?) -> SocketSecurity {
        SocketSecurity(.plainServer, authenticator)
    }

    /// The client's side of PLAIN (RFC 24), which sends a name and a password, unencrypted: only for networks that are
    /// private.
    ///
    /// - Parameters:
    ///   - username: the name, up to 255 bytes of UTF-8.
    ///   - password: up to 255 bytes.
    /// - Throws: `invalidArgument` if either has more.
    public static func plainClient(username: String, password: Password) throws(ZMQError) -> SocketSecurity {
        let limit = PlainCredentials.limit
        guard username.utf8.count <= limit else {
            throw .badOption("username", value: "\(username.utf8.count) bytes", expected: "at most \(limit) bytes")
        }
        guard password.count <= limit else {
            throw .badOption("password", value: "\(password.count) bytes", expected: "at most \(limit) bytes")
        }
        let credentials = PlainCredentials(username: Array(username.utf8), password: password)
        return SocketSecurity(.plainClient(credentials))
    }

    /// The server's side of CURVE (RFC 25 and 26): everything is encrypted, and clients know that this is the server
    /// they mean.
    ///
    /// - Parameters:
    ///   - keys: the server's. Its clients need the public key.
    ///   - authenticator: decides by the client's public key; without one, every client is refused.
    /// - Throws: `CurveError` in a build without the package trait `Curve`.
    public static func curveServer(
        _ keys: CurveKeyPair,
        authenticator: Authenticator?
    ) throws(CurveError) -> SocketSecurity {
        SocketSecurity(try .curveServer(keys), authenticator)
    }

    /// The client's side of CURVE (RFC 25 and 26), for the server with this public key and no other.
    ///
    /// - Parameters:
    ///   - keys: this client's, for a server that knows its public key; a new pair by default.
    ///   - serverKey: the server's public key.
    /// - Throws: `CurveError` if a key keeps nothing secret, and in a build without the package trait `Curve`.
    public static func curveClient(
        _ keys: CurveKeyPair? = nil,
        serverKey: CurvePublicKey
    ) throws(CurveError) -> SocketSecurity {
        let keys = if let keys { keys } else { try CurveKeyPair() }
        return SocketSecurity(try .curveClient(keys, serverKey: serverKey))
    }
}

extension SocketSecurity: Equatable {
    public static func == (one: SocketSecurity, other: SocketSecurity) -> Bool {
        one.settings === other.settings
    }
}

extension SocketSecurity: CustomStringConvertible, CustomReflectable {
    /// The name of the mechanism, and nothing secret.
    public var description: String { mechanismName }
    /// Without children, so that keys and passwords are printed nowhere.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
