#if Curve
    internal import CSodium
    import Synchronization

    /// The cookies of a server: what it must know of a client between WELCOME and INITIATE, kept by the client.
    ///
    /// A cookie holds the transient keys of one connection, encrypted with a key that only the server has. The server
    /// itself remembers no key of a client that has not proven its identity; of the connection it remembers the
    /// cookie's nonce, so that the cookie is of no use on another connection, nor a second time on this one (CU-4).
    ///
    /// The key is replaced after a minute, and after many cookies. The one before it is kept until the next
    /// replacement, for the handshakes in progress.
    final class CurveCookies: Sendable {
        /// The size of a cookie.
        static let size = 96
        /// After this many cookies the key is replaced.
        static let cookiesPerKey = 1 << 20

        /// What a cookie holds.
        struct Contents {
            /// C' and s', 32 bytes each.
            let secret: SecretBytes

            /// The server's transient secret key.
            var secretKey: CurveSecretKey {
                CurveSecretKey(
                    secret.withUnsafeBytes { SecretBytes(copying: UnsafeRawBufferPointer(rebasing: $0[32...])) }
                )
            }

            /// Calls `body` with the client's transient public key.
            func withClientKey<R, E: Error>(_ body: (UnsafeRawPointer) throws(E) -> R) throws(E) -> R {
                try secret.withUnsafeBytes { bytes throws(E) in try body(bytes.baseAddress!) }
            }
        }

        private struct Keys {
            var current: SecretBytes
            var previous: SecretBytes?
            var used = 0
            /// When it became the current one, in nanoseconds; nil until a time is known.
            var since: Int64?
        }

        private let entropy: CurveEntropy
        private let keys: Mutex<Keys>

        init(_ entropy: CurveEntropy) {
            self.entropy = entropy
            keys = Mutex(Keys(current: Self.newKey(entropy)))
        }

        private static func newKey(_ entropy: CurveEntropy) -> SecretBytes {
            SecretBytes(count: Int(crypto_secretbox_KEYBYTES), entropy.fill)
        }

        /// Replaces the key. Cookies that are two replacements old are worthless, and their key is gone.
        func rotate() {
            let next = Self.newKey(entropy)
            keys.withLock { keys in keys = Keys(current: next, previous: keys.current) }
        }

        /// The longest life of a key that is used, in nanoseconds.
        static let lifetime: Int64 = 60_000_000_000

        /// Replaces the key if it is older than a minute.
        func rotate(at now: Int64) {
            let isOld = keys.withLock { keys in
                let since = keys.since ?? now
                keys.since = since
                return now - since >= Self.lifetime
            }
            guard isOld else { return }
            rotate()
            keys.withLock { $0.since = now }
        }

        /// Appends a cookie that holds the client's transient public key and the server's secret one; returns its
        /// nonce.
        func append(
            clientKey: UnsafeRawBufferPointer,
            secretKey: CurveSecretKey,
            to output: inout [UInt8]
        ) -> [UInt8] {
            let isOld = keys.withLock { keys in
                keys.used += 1
                return keys.used > Self.cookiesPerKey
            }
            if isOld { rotate() }
            let key = keys.withLock { $0.current }
            let nonce = entropy.bytes(CurveNonce.randomSize)
            let contents = SecretBytes(count: 64) { contents in
                contents.copyMemory(from: clientKey)
                secretKey.withUnsafeBytes { secret in
                    UnsafeMutableRawBufferPointer(rebasing: contents[32...]).copyMemory(from: secret)
                }
            }
            output += nonce
            output.append(count: 64 + SharedKey.overhead) { box in
                contents.withUnsafeBytes { contents in
                    key.withUnsafeBytes { key in
                        _ = crypto_secretbox_easy(
                            box.unsignedBytes,
                            contents.unsignedBytes,
                            64,
                            CurveNonce(CurveNonceName.cookie, random: nonce).bytes,
                            key.unsignedBytes
                        )
                    }
                }
            }
            return nonce
        }

        /// The contents of a cookie of 96 bytes; nil if it has another nonce, or none of the keys has made it.
        func open(_ cookie: UnsafeRawBufferPointer, nonce: [UInt8]) -> Contents? {
            let isExpected = nonce.withUnsafeBytes { $0.isSame(as: UnsafeRawBufferPointer(rebasing: cookie[..<16])) }
            guard isExpected else { return nil }
            let box = UnsafeRawBufferPointer(rebasing: cookie[16...])
            let (current, previous) = keys.withLock { ($0.current, $0.previous) }
            let full = CurveNonce(CurveNonceName.cookie, random: nonce).bytes
            for key in [current, previous].compactMap(\.self) {
                var result: CInt = -1
                let contents = SecretBytes(count: 64) { contents in
                    key.withUnsafeBytes { key in
                        result = crypto_secretbox_open_easy(
                            contents.baseAddress!.unsignedBytes,
                            box.unsignedBytes,
                            UInt64(box.count),
                            full,
                            key.unsignedBytes
                        )
                    }
                }
                if result == 0 { return Contents(secret: contents) }
            }
            return nil
        }
    }

    /// A source of bytes that cannot be predicted; in tests, of bytes that can.
    struct CurveEntropy: Sendable {
        let fill: @Sendable (UnsafeMutableRawBufferPointer) -> Void

        /// The system's.
        static let system = CurveEntropy { $0.fillWithRandomBytes() }

        /// `count` bytes.
        func bytes(_ count: Int) -> [UInt8] {
            [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                fill(UnsafeMutableRawBufferPointer(buffer))
                initialized = count
            }
        }

        /// A key pair for one connection.
        func keyPair() throws(ProtocolError) -> CurveKeyPair {
            do {
                return try CurveKeyPair.make(fill)
            } catch {
                throw .noTransientKey(error)
            }
        }
    }
#endif
