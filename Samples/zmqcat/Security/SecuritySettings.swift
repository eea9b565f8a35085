import ZMQReactor

/// The options about security on a command line, and what they amount to.
///
/// Passwords and keys stand in no error: not even public ones, because a secret one may have been given in their place.
struct SecuritySettings {
    /// The values of the option `security`: a mechanism, and the side of it.
    enum Kind: String, CaseIterable {
        case null
        case plainServer = "plain-server"
        case plainClient = "plain-client"
        case curveServer = "curve-server"
        case curveClient = "curve-client"
    }

    var kind: Kind?
    var username: String?
    var password: Password?
    var publicKey: CurvePublicKey?
    var secretKey: CurveSecretKey?
    var serverKey: CurvePublicKey?
    var domain: String?
    var timeout: Duration?

    /// The values of `--allow`.
    var allowed: [String] = []

    /// How the connections are secured.
    func security() throws(Complaint) -> SocketSecurity {
        let kind = kind ?? .null
        for (name, isGiven, kinds) in rules where isGiven && !kinds.contains(kind) {
            throw Complaint("\(name): only with \(kinds.map { "security=\($0.rawValue)" }.joined(separator: " or "))")
        }
        var security = try security(of: kind)
        if let domain { security.domain = domain }
        if let timeout { security.authenticationTimeout = timeout }
        return security
    }

    /// Each option, whether it is given, and the kinds that have it.
    private var rules: [(name: String, isGiven: Bool, kinds: [Kind])] {
        [
            ("option plain-username", username != nil, [.plainClient]),
            ("option plain-password", password != nil, [.plainClient]),
            ("option curve-public-key", publicKey != nil, [.curveServer, .curveClient]),
            ("option curve-secret-key", secretKey != nil, [.curveServer, .curveClient]),
            ("option curve-server-key", serverKey != nil, [.curveClient]),
            ("option authentication-timeout", timeout != nil, [.plainServer, .curveServer]),
            ("option zap-domain", domain != nil, [.plainServer, .curveServer]),
            ("--allow", !allowed.isEmpty, [.plainServer, .curveServer]),
        ]
    }

    private func security(of kind: Kind) throws(Complaint) -> SocketSecurity {
        switch kind {
        case .null: return .none
        case .plainServer:
            let users = try AllowedUsers(allowed)
            return .plainServer(authenticator: allowed.isEmpty ? nil : users.authenticator)
        case .plainClient:
            let username = try required(username, "plain-username")
            let password = try required(password, "plain-password")
            do { return try .plainClient(username: username, password: password) } catch {
                throw SocketSettings.complaint(error)
            }
        case .curveServer:
            let keys = try required(try keyPair(), "curve-secret-key")
            let clients = try AllowedKeys(allowed)
            return try curve("security=\(kind.rawValue)") { () throws(CurveError) in
                try .curveServer(keys, authenticator: allowed.isEmpty ? nil : clients.authenticator)
            }
        case .curveClient:
            let keys = try keyPair()
            let serverKey = try required(serverKey, "curve-server-key")
            return try curve("curve-server-key") { () throws(CurveError) in
                try .curveClient(keys, serverKey: serverKey)
            }
        }
    }

    private func required<Value>(_ value: Value?, _ option: String) throws(Complaint) -> Value {
        guard let value else {
            throw Complaint("option \(option): missing, security=\(kind?.rawValue ?? "") needs it")
        }
        return value
    }

    /// The keys of this side; nil if none are given.
    private func keyPair() throws(Complaint) -> CurveKeyPair? {
        // A build without CURVE says so, whatever else may be wrong.
        guard let secretKey else {
            _ = try curve("") { () throws(CurveError) in try CurveKeyPair() }
            guard publicKey == nil else {
                throw Complaint("option curve-public-key: only together with curve-secret-key")
            }
            return nil
        }
        let pair = try curve("curve-secret-key") { () throws(CurveError) in try CurveKeyPair(secretKey: secretKey) }
        guard publicKey == nil || publicKey == pair.publicKey else {
            throw Complaint("option curve-public-key: does not belong to curve-secret-key")
        }
        return pair
    }

    private func curve<Value>(
        _ option: String,
        _ make: () throws(CurveError) -> Value
    ) throws(Complaint) -> Value {
        do { return try make() } catch {
            let isUnavailable = error.code == .unavailable
            throw Complaint("option \(isUnavailable ? "security=\(kind?.rawValue ?? "")" : option): \(error)")
        }
    }
}
