/// Decides which peers may connect to a server; see ``SocketSecurity``.
///
/// A closure, or one of the ready-made ones. It is called once for each connection, in the handshake, on the thread on
/// which the connection lives, which may be an I/O thread of the context. What it throws is a refusal with status 500.
///
/// ```swift
/// let authenticator = Authenticator { request in
///     guard case .curve(let key) = request.credentials, let name = names[key] else { return .refuse() }
///     return .accept(userID: name)
/// }
/// ```
public struct Authenticator: Sendable {
    enum Body: Sendable {
        case immediate(@Sendable (AuthenticationRequest) throws -> AuthenticationVerdict)
        case eventual(@Sendable (AuthenticationRequest) async throws -> AuthenticationVerdict)
    }

    let body: Body

    init(body: Body) { self.body = body }

    /// Decides at once. Meanwhile the connections of the same thread wait: for anything that takes longer than a
    /// lookup, use ``async(_:)``.
    public init(_ decide: @escaping @Sendable (AuthenticationRequest) throws -> AuthenticationVerdict) {
        body = .immediate(decide)
    }

    /// Decides in a task of its own. Meanwhile the handshake waits, and nothing is read from the peer.
    ///
    /// The task prefers the thread of the connection: between two suspensions, the connections of that thread wait.
    /// The task is cancelled when the connection ends, or after ``SocketSecurity/authenticationTimeout``.
    public static func async(
        _ decide: @escaping @Sendable (AuthenticationRequest) async throws -> AuthenticationVerdict
    ) -> Authenticator {
        Authenticator(body: .eventual(decide))
    }

    /// Accepts every peer. With CURVE everything is encrypted, and the clients know the server, but not the server its
    /// clients.
    public static let acceptAll = Authenticator { request in .accept(userID: "") }

    /// Decides, as a server would ask. For tests, and for authenticators that ask others.
    public func callAsFunction(_ request: AuthenticationRequest) async throws -> AuthenticationVerdict {
        switch body {
        case .immediate(let decide): try decide(request)
        case .eventual(let decide): try await decide(request)
        }
    }

    /// Accepts a peer that both accept; the user id and the properties are those of `other`, which is asked second.
    public func and(_ other: Authenticator) -> Authenticator {
        switch (body, other.body) {
        case (.immediate(let first), .immediate(let second)):
            return Authenticator { request in
                let verdict = try first(request)
                return verdict.isAccepted ? try second(request) : verdict
            }
        default:
            let first = self
            return .async { request in
                let verdict = try await first(request)
                return verdict.isAccepted ? try await other(request) : verdict
            }
        }
    }
}
