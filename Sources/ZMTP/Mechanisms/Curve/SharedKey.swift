#if Curve
    internal import CSodium

    /// The key that the owners of two key pairs share: each computes it from its own secret key and the other's public
    /// one. Computed once, and used for all boxes between them.
    struct SharedKey: Sendable {
        /// How much longer a box is than its contents.
        static let overhead = 16

        private let secret: SecretBytes

        /// The key shared with the owner of the 32 bytes at `publicKey`; nil if these keep nothing secret.
        init?(with publicKey: UnsafeRawPointer, _ secretKey: CurveSecretKey) {
            var result: CInt = -1
            secret = SecretBytes(count: Int(crypto_box_BEFORENMBYTES)) { key in
                secretKey.withUnsafeBytes { own in
                    let shared = key.baseAddress!.unsignedBytes
                    result = crypto_box_beforenm(shared, publicKey.unsignedBytes, own.unsignedBytes)
                }
            }
            guard result == 0 else { return nil }
        }

        /// The key shared with the owner of `publicKey`; nil if it keeps nothing secret.
        init?(with publicKey: CurvePublicKey, _ secretKey: CurveSecretKey) {
            let shared = publicKey.bytes.withUnsafeBytes { SharedKey(with: $0.baseAddress!, secretKey) }
            guard let shared else { return nil }
            self = shared
        }

        /// Appends a box of `contents` to `output`.
        func seal(_ contents: UnsafeRawBufferPointer, _ nonce: CurveNonce, to output: inout [UInt8]) {
            output.append(count: contents.count + Self.overhead) { box in
                secret.withUnsafeBytes { key in
                    _ = crypto_box_easy_afternm(
                        box.unsignedBytes,
                        contents.baseAddress?.unsignedBytes,
                        UInt64(contents.count),
                        nonce.bytes,
                        key.unsignedBytes
                    )
                }
            }
        }

        /// Appends a box of `contents` to `output`.
        func seal(_ contents: [UInt8], _ nonce: CurveNonce, to output: inout [UInt8]) {
            contents.withUnsafeBytes { seal($0, nonce, to: &output) }
        }

        /// The contents of a box; nil if it was not made with this key and nonce.
        func open(_ box: UnsafeRawBufferPointer, _ nonce: CurveNonce) -> SecretBytes? {
            guard box.count >= Self.overhead else { return nil }
            var result: CInt = -1
            let contents = SecretBytes(count: box.count - Self.overhead) { contents in
                secret.withUnsafeBytes { key in
                    result = crypto_box_open_easy_afternm(
                        contents.baseAddress!.unsignedBytes,
                        box.unsignedBytes,
                        UInt64(box.count),
                        nonce.bytes,
                        key.unsignedBytes
                    )
                }
            }
            return result == 0 ? contents : nil
        }

        /// The key of the stream cipher for all nonces that begin with the 16 characters of `name`.
        ///
        /// XSalsa20 derives it from the first 16 bytes of each nonce, which are the same for all messages of a side.
        func streamKey(_ name: StaticString) -> SecretBytes {
            SecretBytes(count: Int(crypto_stream_salsa20_KEYBYTES)) { key in
                secret.withUnsafeBytes { shared in
                    let result = key.baseAddress!.unsignedBytes
                    _ = crypto_core_hsalsa20(result, name.utf8Start, shared.unsignedBytes, nil)
                }
            }
        }
    }
#endif
