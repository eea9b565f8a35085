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
        let mechanism: String
        let credentials: [Frame]
        switch proof {
        case .credentials(.null): (mechanism, credentials) = ("NULL", [])
        case .credentials(.plain(let username, let password)):
            (mechanism, credentials) = ("PLAIN", [Frame(username), password.withUnsafeBytes { Frame(copying: $0) }])
        case .credentials(.curve(let key)): (mechanism, credentials) = ("CURVE", [Frame(key.bytes)])
        case .other(let name, let frames): (mechanism, credentials) = (name, frames)
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
        proof = try Self.proof(mechanism, Array(frames[6...]))
    }

    private static func proof(_ mechanism: String, _ frames: [Frame]) throws(ZAPError) -> Proof {
        switch (mechanism, frames.count) {
        case ("NULL", 0): return .credentials(.null)
        case ("PLAIN", 2):
            let name = try ZAPError.bytes(frames[0], "the user name")
            guard let username = String(validating: name, as: UTF8.self) else {
                throw ZAPError("a user name that is not UTF-8")
            }
            let password = try ZAPError.bytes(frames[1], "the password")
            return .credentials(.plain(username: username, Password(password)))
        case ("CURVE", 1):
            guard let key = try? CurvePublicKey(frames[0]) else {
                throw ZAPError("a public key of \(frames[0].count) bytes")
            }
            return .credentials(.curve(key))
        case ("NULL", let count), ("PLAIN", let count), ("CURVE", let count):
            throw ZAPError("\(count) frames of credentials for \(mechanism)")
        default: return .other(mechanism: mechanism, frames)
        }
    }
}
