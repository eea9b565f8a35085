#if Curve
    internal import CSodium
#endif

/// The two keys of one side of a CURVE connection.
///
/// A server's public key is known to its clients; a client's, to the servers that let it in. ``init()`` makes a new
/// pair.
public struct CurveKeyPair: Sendable {
    /// The key to give to others.
    public let publicKey: CurvePublicKey
    /// The key to keep.
    public let secretKey: CurveSecretKey

    /// A new pair, of random bytes.
    ///
    /// - Throws: ``CurveError/Code/unavailable`` in a build without CURVE.
    public init() throws(CurveError) {
        #if Curve
            self = try Self.make { $0.fillWithRandomBytes() }
        #else
            throw .notBuilt
        #endif
    }

    /// The pair that a secret key belongs to: the public key is computed.
    ///
    /// - Throws: ``CurveError/Code/unavailable`` in a build without CURVE.
    public init(secretKey: CurveSecretKey) throws(CurveError) {
        #if Curve
            try Sodium.prepare()
            var publicKey = [UInt8](repeating: 0, count: CurvePublicKey.size)
            let result = secretKey.withUnsafeBytes { crypto_scalarmult_base(&publicKey, $0.unsignedBytes) }
            guard result == 0 else { throw .weakKey }
            self.secretKey = secretKey
            self.publicKey = try CurvePublicKey(publicKey)
        #else
            throw .notBuilt
        #endif
    }

    #if Curve
        /// The pair whose secret key `random` fills in.
        static func make(_ random: (UnsafeMutableRawBufferPointer) -> Void) throws(CurveError) -> CurveKeyPair {
            try Sodium.prepare()
            return try CurveKeyPair(secretKey: CurveSecretKey(SecretBytes(count: CurveSecretKey.size, random)))
        }
    #endif
}

extension CurveKeyPair: CustomStringConvertible, CustomDebugStringConvertible {
    /// The public key.
    public var description: String { "\(publicKey)" }
    /// The public key.
    public var debugDescription: String { description }
}
