public import ZMTP

extension Authenticator {
    /// Accepts clients with one of these keys, over CURVE; the user id is the key in Z85 (RFC 32).
    ///
    /// Decides at once. That a client has the secret half of the key is proven before this is asked.
    public static func keys(_ keys: some Sequence<CurvePublicKey>) -> Authenticator {
        let keys = Set(keys)
        return Authenticator { request in
            guard case .curve(let key) = request.credentials else { return .noKey(request) }
            return keys.contains(key) ? .accept(userID: key.z85) : .unknown(key)
        }
    }

    /// Accepts clients with one of these keys, over CURVE.
    ///
    /// - Parameter userIDs: the names by which the application knows the clients, see ``PeerDescription/userID``, by
    ///   their keys.
    /// - Precondition: a name has at most 255 bytes.
    public static func keys(_ userIDs: [CurvePublicKey: String]) -> Authenticator {
        precondition(userIDs.values.allSatisfy { $0.utf8.count <= 255 }, "a user id has at most 255 bytes")
        return Authenticator { request in
            guard case .curve(let key) = request.credentials else { return .noKey(request) }
            return userIDs[key].map { .accept(userID: $0) } ?? .unknown(key)
        }
    }
}

extension AuthenticationVerdict {
    /// The peer has another mechanism, which shows no key.
    static func noKey(_ request: AuthenticationRequest) -> Self {
        .refuse("the mechanism is \(request.credentials.mechanism), not CURVE")
    }

    /// The key is to be seen, so that it can be added if it should be known.
    static func unknown(_ key: CurvePublicKey) -> Self { .refuse("the key \(key) is not known") }
}
