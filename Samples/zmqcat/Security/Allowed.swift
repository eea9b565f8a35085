import ZMQReactor

/// The users that a PLAIN server lets in: `USER:PASSWORD` each.
struct AllowedUsers {
    /// By the bytes of the name: another spelling of the same text is another user.
    private var passwords: [[UInt8]: [Password]] = [:]

    init(_ texts: [String]) throws(Complaint) {
        for text in texts {
            guard let colon = text.firstIndex(of: ":") else { throw Complaint("--allow: expected USER:PASSWORD") }
            let (user, password) = (text[..<colon], Password(text[text.index(after: colon)...]))
            guard user.utf8.count <= 255, password.count <= 255 else {
                throw Complaint("--allow: a user and a password have at most 255 bytes each")
            }
            passwords[Array(user.utf8), default: []].append(password)
        }
    }

    /// Accepts these users; peers then have their names.
    var authenticator: Authenticator {
        Authenticator { [passwords] request in
            guard case .plain(let user, let password) = request.credentials,
                passwords[Array(user.utf8), default: []].contains(password)
            else { return .refuse() }
            return .accept(userID: user)
        }
    }
}

/// The clients that a CURVE server lets in: a public key each.
struct AllowedKeys {
    private let keys: Set<CurvePublicKey>

    init(_ texts: [String]) throws(Complaint) {
        var keys: Set<CurvePublicKey> = []
        for text in texts {
            do { keys.insert(try KeyText.publicKey(text)) } catch { throw Complaint("--allow: \(error)") }
        }
        self.keys = keys
    }

    /// Accepts these clients; peers then have their keys as names.
    var authenticator: Authenticator {
        .keys(keys)
    }
}
