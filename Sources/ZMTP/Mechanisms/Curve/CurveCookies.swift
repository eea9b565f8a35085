#if Curve
    internal import CSodium
    import Synchronization

    /// The cookies of a server: what it must know of a client between WELCOME and INITIATE, kept by the client.
    ///
    /// A cookie holds the transient keys of one connection, encrypted with a key that only the server has. The server
    /// itself remembers no key of a client that has not proven its identity; of the connection it remembers the
    /// cookie's nonce, so that the cookie is of no use on another connection, nor a second time on this one (CU-4).
    ///
    /// The key is gone as soon as no handshake needs it, so that a recording of WELCOME is of no use, even if the
    /// server's keys become known later. While handshakes are always in progress, it is replaced after a minute, and
    /// after many cookies; the one before it is kept until the next replacement.
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
            /// The cookies that may still come back.
            var issued = 0

            /// Replaces the current key, which has become too old or has been used too often. Only one of the threads
            /// that find this may do it: a second replacement would end the handshakes in progress.
            mutating func replace(with next: SecretBytes, at now: Int64? = nil) {
                self = Keys(current: next, previous: current, since: now, issued: issued)
            }
        }

        /// What the server remembers of a cookie, for as long as it may come back.
        final class Issued: Sendable {
            let nonce: [UInt8]
            private let cookies: CurveCookies

            fileprivate init(_ nonce: [UInt8], by cookies: CurveCookies) {
                (self.nonce, self.cookies) = (nonce, cookies)
            }

            deinit { cookies.released() }
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
        func rotate() { keys.withLock { $0.replace(with: Self.newKey(entropy)) } }

        /// The longest life of a key that is used, in nanoseconds.
        static let lifetime: Int64 = 60_000_000_000

        /// Replaces the key if it is older than a minute.
        func rotate(at now: Int64) {
            keys.withLock { keys in
                let since = keys.since ?? now
                keys.since = since
                guard now - since >= Self.lifetime else { return }
                keys.replace(with: Self.newKey(entropy), at: now)
            }
        }

        /// A cookie has come back, or its connection has ended.
        private func released() {
            keys.withLock { keys in
                keys.issued -= 1
                if keys.issued == 0 { keys = Keys(current: Self.newKey(entropy), since: keys.since) }
            }
        }

        /// Appends a cookie that holds the client's transient public key and the server's secret one.
        func append(
            clientKey: UnsafeRawBufferPointer,
            secretKey: CurveSecretKey,
            to output: inout [UInt8]
        ) -> Issued {
            let key = keys.withLock { keys in
                if keys.used >= Self.cookiesPerKey { keys.replace(with: Self.newKey(entropy)) }
                keys.used += 1
                keys.issued += 1
                return keys.current
            }
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
            return Issued(nonce, by: self)
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
