// The question of a server to its authentication handler, as a message (RFC 27).
//
//     "1.0" | request id | domain | address | identity | mechanism | credentials, any number of frames
//
//   Z-3  Domain, address and mechanism are printable ASCII of up to 255 bytes. libzmq's domain may be empty.
//   Z-5  The request id is opaque.

/// A request of ZAP 1.0, without its envelope.
package struct ZAPRequest: Sendable, Equatable {
    /// What the client proves its identity with.
    package enum Proof: Sendable, Equatable {
        /// That of a mechanism known here.
        case credentials(Credentials)
        /// That of another one.
        case other(mechanism: String, [Frame])
    }

    /// The version of the protocol.
    static let version: Frame = "1.0"

    /// Returned in the reply.
    package var requestID: [UInt8]
    /// The name of the rules that apply, from the server's configuration.
    package var domain: String
    /// The client's address, without its port.
    package var address: String
    /// The client's identity.
    package var identity: [UInt8]
    /// What the client proves its identity with.
    package var proof: Proof

    package init(
        requestID: [UInt8],
        domain: String,
        address: String,
        identity: [UInt8] = [],
        _ credentials: Credentials
    ) {
        self.requestID = requestID
        self.domain = domain
        self.address = address
        self.identity = identity
        proof = .credentials(credentials)
    }

    /// The frames of the message. Passwords are among them, in memory that is not wiped: a handler expects them.
    package var frames: [Frame] {
        let (mechanism, credentials) =
            switch proof {
            case .credentials(let credentials): (credentials.mechanism, credentials.frames)
            case .other(let mechanism, let frames): (mechanism, frames)
            }
        return [Self.version, Frame(requestID), Frame(domain), Frame(address), Frame(identity), Frame(mechanism)]
            + credentials
    }

    /// Parses the frames of a message.
    package init(_ frames: some Collection<Frame>) throws(ZAPError) {
        let frames = Array(frames)
        guard frames.count >= 6 else { throw ZAPError("a request of \(frames.count) frames") }
        guard frames[0] == Self.version else { throw .otherVersion }
        requestID = try ZAPError.bytes(frames[1], "the request id")
        domain = try ZAPError.text(frames[2], "the domain")
        address = try ZAPError.text(frames[3], "the address")
        identity = try ZAPError.bytes(frames[4], "the identity")
        let mechanism = try ZAPError.text(frames[5], "the mechanism")
        let credentials = Array(frames[6...])
        proof =
            try Credentials.parse(mechanism, credentials).map { .credentials($0) }
            ?? .other(mechanism: mechanism, credentials)
    }
}
