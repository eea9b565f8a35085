// The credentials of each mechanism, and their form in a request of ZAP (RFC 27).

/// What a peer proves its identity with. New cases may be added, so a `switch` needs a `default`.
public enum Credentials: Sendable, Equatable {
    /// Nothing: the mechanism is NULL.
    case null
    /// A name and a password, each of up to 255 bytes, as the peer has sent them (RFC 24).
    case plain(username: String, Password)
    /// The public key, whose secret half the peer has proven to possess (RFC 26).
    case curve(CurvePublicKey)

    /// The name of the mechanism.
    public var mechanism: String { kind.mechanism }

    /// Whether they have the same bytes: another spelling of the same text is another user name.
    public static func == (left: Credentials, right: Credentials) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.plain(let name, let password), .plain(let otherName, let otherPassword)):
            name.utf8.elementsEqual(otherName.utf8) && password == otherPassword
        case (.curve(let key), .curve(let otherKey)): key == otherKey
        default: false
        }
    }
}

extension Credentials {
    /// A mechanism's kind of credentials.
    fileprivate struct Kind: Sendable {
        let mechanism: String
        /// The number of frames.
        let frameCount: Int
        let parse: @Sendable ([Frame]) throws(ZAPError) -> Credentials
    }

    private var kind: Kind {
        switch self {
        case .null: .null
        case .plain: .plain
        case .curve: .curve
        }
    }

    /// The frames of the credentials. Passwords are among them, in memory that is not wiped: a handler expects them.
    var frames: [Frame] {
        switch self {
        case .null: []
        case .plain(let username, let password): [Frame(username), password.withUnsafeBytes { Frame(copying: $0) }]
        case .curve(let key): [Frame(key.bytes)]
        }
    }

    /// Parses the frames of a mechanism's credentials; nil for a mechanism that is not known here.
    static func parse(_ mechanism: String, _ frames: [Frame]) throws(ZAPError) -> Credentials? {
        guard let kind = Kind.all.first(where: { $0.mechanism == mechanism }) else { return nil }
        guard frames.count == kind.frameCount else {
            throw ZAPError("\(frames.count) frames of credentials for \(mechanism)")
        }
        return try kind.parse(frames)
    }
}

// One row for each mechanism.
extension Credentials.Kind {
    static let all = [null, plain, curve]

    static let null = Self(mechanism: "NULL", frameCount: 0) { _ in .null }

    static let plain = Self(mechanism: "PLAIN", frameCount: 2) { frames throws(ZAPError) in
        let name = try ZAPError.bytes(frames[0], "the user name")
        guard let username = String(validating: name, as: UTF8.self) else {
            throw ZAPError("a user name that is not UTF-8")
        }
        let password = try ZAPError.bytes(frames[1], "the password")
        return .plain(username: username, Password(password))
    }

    static let curve = Self(mechanism: "CURVE", frameCount: 1) { frames throws(ZAPError) in
        guard let key = try? CurvePublicKey(frames[0]) else {
            throw ZAPError("a public key of \(frames[0].count) bytes")
        }
        return .curve(key)
    }
}
