// The decision about a peer in its handshake, and what it is based on.

/// What a peer has shown of itself when it is to be decided whether it may connect.
package struct PresentedCredentials: Sendable {
    /// What the peer proves its identity with.
    package let credentials: Credentials
    /// The properties that the peer has sent. Empty with PLAIN, whose clients send them once they have been accepted.
    package let metadata: Metadata

    init(_ credentials: Credentials, metadata: Metadata = Metadata()) {
        self.credentials = credentials
        self.metadata = metadata
    }
}

/// The decision about a peer.
package enum Verdict: Sendable, Equatable {
    /// The peer may connect.
    case accepted(Acceptance)
    /// It may not, for this reason, which is a sentence for this side.
    case refused(Refusal, String = "")
}

/// What is known about a peer that may connect. It is one word, and nothing is allocated for a peer about which nothing
/// is known: every peer has one.
package struct Acceptance: Sendable, Equatable {
    private final class Facts: Sendable {
        let userID: String
        let metadata: Metadata

        init(_ userID: String, _ metadata: Metadata) { (self.userID, self.metadata) = (userID, metadata) }
    }

    /// A peer about which nothing is known.
    package static let anonymous = Acceptance()

    private let facts: Facts?

    /// The name by which the application knows the peer; may be empty.
    package var userID: String { facts?.userID ?? "" }
    /// Properties that the peer's messages carry.
    package var metadata: Metadata { facts?.metadata ?? Metadata() }

    package init(userID: String = "", metadata: Metadata = Metadata()) {
        facts = userID.isEmpty && metadata.properties.isEmpty ? nil : Facts(userID, metadata)
    }

    package static func == (left: Acceptance, right: Acceptance) -> Bool {
        left.userID == right.userID && left.metadata == right.metadata
    }
}

/// Why a peer may not connect. The raw value is the status code of ZAP.
package enum Refusal: UInt16, Sendable {
    /// It cannot be decided now. The connection closes without an ERROR, so that the peer tries again.
    case temporarily = 300
    /// The credentials are wrong.
    case denied = 400
    /// The authenticator has failed.
    case internalError = 500

    /// The reason in the ERROR that the peer is sent; nil for none. It says nothing that helps to guess credentials.
    var reason: String? { self == .temporarily ? nil : String(rawValue) }

    /// The error with which the connection ends, after the ERROR for the peer has been appended to `output`.
    ///
    /// - Parameter text: a sentence for this side.
    func end(_ output: inout [UInt8], _ text: String = "") -> ProtocolError {
        if let reason { ErrorCommand.append(reason: reason, to: &output) }
        return .notAuthenticated(self, text)
    }
}
