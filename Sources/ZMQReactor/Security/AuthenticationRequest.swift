public import ZMTP

/// What an ``Authenticator`` knows of a peer when it decides.
public struct AuthenticationRequest: Sendable {
    /// What the peer proves its identity with.
    public let credentials: Credentials

    /// Where the peer is: the numeric address without the port for tcp, such as `192.0.2.1` or `2001:db8::1`; process
    /// and user, such as `pid 4711 uid 1000`, for ipc.
    public let address: String

    /// The server's ``SocketSecurity/domain``.
    public let domain: String

    /// The properties that the peer has sent, for example `Socket-Type`, with their names in lower case. Empty with
    /// PLAIN, whose clients send them once they have been accepted. With NULL nothing proves that they are true.
    public let properties: [String: [UInt8]]

    /// A request, for testing an authenticator.
    public init(
        _ credentials: Credentials,
        address: String = "127.0.0.1",
        domain: String = "",
        properties: [String: [UInt8]] = [:]
    ) {
        self.credentials = credentials
        self.address = address
        self.domain = domain
        self.properties = properties
    }
}
