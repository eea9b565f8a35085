import ZMTP

/// The decision of an ``Authenticator``.
public struct AuthenticationVerdict: Sendable, Equatable {
    let verdict: Verdict

    /// The peer may connect, and nothing is known about it.
    public static let accept = accept()

    /// The peer may connect.
    ///
    /// A user id or a property that is not as described makes this a refusal with status 500, whose reason says so:
    /// either may come from the peer.
    ///
    /// - Parameters:
    ///   - userID: the name by which the application knows the peer; see ``PeerDescription/userID``. At most 255 bytes.
    ///   - properties: what else is known about it; see ``PeerDescription/properties``. A name has 1 to 255 letters,
    ///     digits and `-_.+` (RFC 37). Of names that differ only in case, the first in alphabetical order counts.
    public static func accept(userID: String = "", properties: [String: [UInt8]] = [:]) -> Self {
        guard userID.utf8.count <= 255 else {
            return Self(.internalError, "the authenticator's user id has \(userID.utf8.count) bytes, more than 255")
        }
        var metadata = Metadata()
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            guard Metadata.isLegal(name: name), value.count <= Metadata.valueLimit else {
                let property = "\(name.quoted) with \(value.count) bytes"
                return Self(.internalError, "the authenticator's property \(property) is not legal")
            }
            // A reply of ZAP with the same name twice is malformed.
            if metadata[name] == nil { metadata.append(name, value) }
        }
        return Self(verdict: .accepted(Acceptance(userID: userID, metadata: metadata)))
    }

    /// The peer may not connect. Over PLAIN and CURVE it is sent the status code 400 and nothing else, and makes no
    /// further attempt.
    ///
    /// - Parameter reason: a sentence for this side's event.
    public static func refuse(_ reason: String = "the credentials are not accepted") -> Self {
        Self(.denied, reason)
    }

    /// The peer may not connect now. The connection closes, so that the peer tries again.
    ///
    /// - Parameter reason: a sentence for this side's event.
    public static func refuseTemporarily(_ reason: String) -> Self {
        Self(.temporarily, reason)
    }

    /// Whether the peer may connect.
    public var isAccepted: Bool { if case .accepted = verdict { true } else { false } }

    /// The name by which the application knows the peer; nil if it may not connect.
    public var userID: String? { if case .accepted(let acceptance) = verdict { acceptance.userID } else { nil } }
}

extension AuthenticationVerdict {
    /// A refusal. The reason may contain what the peer has sent, so that it is escaped for events and logs.
    init(_ refusal: Refusal, _ reason: String) { self.init(verdict: .refused(refusal, reason.escaped)) }

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
        Self(.internalError, "the authenticator threw \(type(of: error))")
    }
}
