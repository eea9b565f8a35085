/// Why a key or the hash of a password cannot be made or used.
public struct CurveError: Error, Hashable, Sendable {
    /// The kinds of error. New ones may be added, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable {
        private enum Value: Hashable { case invalidKey, invalidHash, unavailable }
        private let value: Value
        private init(_ value: Value) { self.value = value }

        /// The text or the bytes are not a key, or no key that keeps anything secret.
        public static let invalidKey = Code(.invalidKey)
        /// The text is not the hash of a password, or no hash can have this cost.
        public static let invalidHash = Code(.invalidHash)
        /// This build has no CURVE, libsodium cannot be used, or there is not enough memory for a hash.
        public static let unavailable = Code(.unavailable)
    }

    /// The kind of the error.
    public let code: Code

    /// A sentence that describes it.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func wrongSize(_ count: Int) -> Self {
        Self(.invalidKey, "a key has \(CurvePublicKey.size) bytes, not \(count)")
    }

    static let notZ85 = Self(.invalidKey, "a key is 40 characters of Z85 (RFC 32)")

    static let weakKey = Self(.invalidKey, "the key is a point of low order: it keeps nothing secret")
}

extension CurveError {
    static let noHash = Self(.invalidHash, "the text is not a password hash of libsodium")

    static func costOutOfRange(_ cost: PasswordHash.Cost) -> Self {
        Self(.invalidHash, "no hash costs \(cost.operations) operations and \(cost.memory) bytes of memory")
    }

    static func noMemory(_ count: Int? = nil) -> Self {
        Self(.unavailable, "there is not enough memory to hash a password" + (count.map { ": \($0) bytes" } ?? ""))
    }
}

extension CurveError: CustomStringConvertible {
    public var description: String { message }
}

#if !Curve
    extension CurveError {
        static let notBuilt = Self(
            .unavailable,
            "this build has no CURVE: enable the trait 'Curve' of the package zmq-reactor"
        )

        static let noHashes = Self(
            .unavailable,
            "this build has no password hashes: enable the trait 'Curve' of the package zmq-reactor"
        )
    }
#endif
