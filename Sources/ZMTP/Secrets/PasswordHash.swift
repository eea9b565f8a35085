#if Curve
    internal import CSodium

    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #endif
#endif

/// The salted hash of a password, to be stored in its place: Argon2id of libsodium, as a text that contains the salt
/// and the cost.
///
/// ```swift
/// let hash = try PasswordHash(of: Password("correct horse battery staple"))
/// print(hash.text)  // $argon2id$v=19$m=65536,t=2,p=1$…
/// ```
///
/// Making and verifying a hash take time and memory on purpose, see ``Cost``: not on the thread of a loop.
///
/// Two values are equal if their texts are. Two hashes of the same password differ, because their salts do.
public struct PasswordHash: Hashable, Sendable {
    /// The cost of one hash, for this program and for an attacker with a copy of the hashes.
    public struct Cost: Hashable, Sendable {
        /// The number of passes over the memory; at least 1.
        public let operations: Int
        /// The memory, in bytes; at least 8 KiB. Less than a multiple of 1 KiB is ignored.
        public let memory: Int

        /// A cost.
        ///
        /// - Parameters:
        ///   - operations: the number of passes over the memory.
        ///   - memory: in bytes.
        public init(operations: Int, memory: Int) {
            self.operations = operations
            self.memory = memory
        }

        /// 2 passes over 64 MiB, about 0.1 s: for servers. The default.
        public static let interactive = Cost(operations: 2, memory: 64 << 20)
        /// 3 passes over 256 MiB, about 0.7 s.
        public static let moderate = Cost(operations: 3, memory: 256 << 20)
        /// 4 passes over 1 GiB, about 3 s.
        public static let sensitive = Cost(operations: 4, memory: 1 << 30)
        /// The smallest cost, which protects little: for tests.
        public static let minimum = Cost(operations: 1, memory: 8 << 10)
    }

    /// The hash, its salt and its cost, in printable ASCII of up to 127 characters.
    public let text: String

    /// The hash of a password, with a new salt.
    ///
    /// - Throws: `invalidHash` for a cost out of range, `unavailable` without enough memory, and in a build without the
    ///   package trait `Curve`.
    public init(of password: Password, cost: Cost = .interactive) throws(CurveError) {
        #if Curve
            try Sodium.prepare()
            guard cost.isInRange else { throw .costOutOfRange(cost) }
            var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
            let result = password.withUnsafeBytes { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    crypto_pwhash_str(
                        &text,
                        characters.baseAddress!,
                        UInt64(characters.count),
                        UInt64(cost.operations),
                        cost.memory
                    )
                }
            }
            guard result == 0 else { throw .noMemory(cost.memory) }
            self.text = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        #else
            throw .noHashes
        #endif
    }

    /// A stored hash: ``text``, or what libsodium's `crypto_pwhash_str` has made in another program.
    ///
    /// - Throws: `invalidHash`, without the text, if it is none, and `unavailable` in a build without the package trait
    ///   `Curve`.
    public init(text: String) throws(CurveError) {
        #if Curve
            try Sodium.prepare()
            guard text.utf8.count < Int(crypto_pwhash_STRBYTES), !text.utf8.contains(0) else { throw .noHash }
            self.text = text
            guard needsRehash(.interactive) != nil else { throw .noHash }
        #else
            throw .noHashes
        #endif
    }

    /// Whether the password is the one that was hashed. Takes the time and the memory that the hash costs.
    ///
    /// - Throws: `unavailable` if there is not enough memory to tell.
    public func matches(_ password: Password) throws(CurveError) -> Bool {
        #if Curve
            let result = password.withUnsafeBytes { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters -> CInt? in
                    errno = 0
                    let result = crypto_pwhash_str_verify(text, characters.baseAddress!, UInt64(characters.count))
                    // EINVAL: another password. Anything else, such as ENOMEM: no hash could be computed.
                    return result == 0 || errno == EINVAL ? result : nil
                }
            }
            guard let result else { throw .noMemory() }
            return result == 0
        #else
            throw .noHashes
        #endif
    }

    /// Whether the hash was made with another cost, and should be made again when the password is known, which is when
    /// a user has just been let in.
    public func needsRehash(for cost: Cost = .interactive) -> Bool {
        #if Curve
            needsRehash(cost) ?? true
        #else
            true
        #endif
    }

    #if Curve
        /// nil if the text is no hash.
        private func needsRehash(_ cost: Cost) -> Bool? {
            guard cost.isInRange else { return true }
            let result = crypto_pwhash_str_needs_rehash(text, UInt64(cost.operations), cost.memory)
            return result < 0 ? nil : result > 0
        }
    #endif
}

#if Curve
    extension PasswordHash.Cost {
        fileprivate var isInRange: Bool {
            (Int(crypto_pwhash_opslimit_min())...Int(crypto_pwhash_opslimit_max())).contains(operations)
                && (crypto_pwhash_memlimit_min()...crypto_pwhash_memlimit_max()).contains(memory)
        }
    }
#endif

extension PasswordHash: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<password hash>`: a hash allows guesses at its password.
    public var description: String { "<password hash>" }
    /// Always `<password hash>`.
    public var debugDescription: String { description }
    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
