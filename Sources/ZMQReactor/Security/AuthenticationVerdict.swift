import ZMTP

/// The decision of an ``Authenticator``.
public struct AuthenticationVerdict: Sendable, Equatable {
    let verdict: Verdict

    /// The peer may connect, and nothing is known about it.
    public static let accept = accept()

    /// The peer may connect.
    ///
    /// - Parameters:
    ///   - userID: the name by which the application knows the peer; see ``PeerDescription/userID``. At most 255 bytes.
    ///   - properties: what else is known about it; see ``PeerDescription/properties``. A name has 1 to 255 letters,
    ///     digits and `-_.+` (RFC 37).
    /// - Precondition: the user id and the names are as described.
    public static func accept(userID: String = "", properties: [String: [UInt8]] = [:]) -> Self {
        precondition(userID.utf8.count <= 255, "a user id has at most 255 bytes")
        var metadata = Metadata()
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) { metadata.append(name, value) }
        return Self(verdict: .accepted(Acceptance(userID: userID, metadata: metadata)))
    }

    /// The peer may not connect. Over PLAIN and CURVE it is sent the status code 400 and nothing else, and makes no
    /// further attempt.
    ///
    /// - Parameter reason: a sentence for this side's event.
    public static func refuse(_ reason: String = "the credentials are not accepted") -> Self {
        Self(verdict: .refused(.denied, reason))
    }

    /// The peer may not connect now. The connection closes, so that the peer tries again.
    ///
    /// - Parameter reason: a sentence for this side's event.
    public static func refuseTemporarily(_ reason: String) -> Self {
        Self(verdict: .refused(.temporarily, reason))
    }

    /// Whether the peer may connect.
    public var isAccepted: Bool { if case .accepted = verdict { true } else { false } }

    /// The name by which the application knows the peer; nil if it may not connect.
    public var userID: String? { if case .accepted(let acceptance) = verdict { acceptance.userID } else { nil } }
}

extension AuthenticationVerdict {
    /// What `decide` returns, or a refusal if it throws. The error itself may hold secrets, and is not shown.
    init(catching decide: () throws -> AuthenticationVerdict) {
        do {
            self = try decide()
        } catch {
            self = .failed(error)
        }
    }

    /// What the authenticator decides, or a refusal if it throws.
    init(of authenticator: Authenticator, _ request: AuthenticationRequest) async {
        do {
            self = try await authenticator(request)
        } catch {
            self = .failed(error)
        }
    }

    private static func failed(_ error: any Error) -> Self {
        Self(verdict: .refused(.internalError, "the authenticator threw \(type(of: error))"))
    }
}
