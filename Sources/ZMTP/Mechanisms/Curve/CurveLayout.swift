#if Curve
    // The data of each command, behind its name; sizes in bytes.
    //
    //     HELLO     version 2 | zeros 72 | C' 32 | number 8 | box 80: zeros 64, c' to S
    //     WELCOME   random 16 | box 144: S' 32, cookie 96, s to C'
    //     INITIATE  cookie 96 | number 8 | box 144 and more: C 32, random 16, vouch 80, metadata, c' to S'
    //     vouch     box: C' 32, S 32, c to S'
    //     READY     number 8 | box 16 and more: metadata, s' to C'
    //     MESSAGE   number 8 | box 17 and more: flags 1, body
    //
    // C is the client's public key, c its secret one, S and s are the server's; a prime marks those of one connection.

    /// Sizes and offsets in the commands' data.
    enum CurveLayout {
        static let key = CurvePublicKey.size

        enum Hello {
            static let size = 194
            static let padding = 2..<74
            static let clientKey = 74..<106
            static let number = 106
            static let box = 114..<194
            static let zeros = 64
        }

        enum Welcome {
            static let size = 160
            static let box = 16..<160
            static let contents = key + CurveCookies.size
        }

        enum Initiate {
            static let minimum = 248
            static let cookie = 0..<96
            static let number = 96
            static let box = 104
            static let vouchNonce = 32..<48
            static let vouch = 48..<128
            static let metadata = 128
        }

        enum Ready {
            static let minimum = 24
            static let box = 8
        }
    }

    extension UnsafeRawBufferPointer {
        /// The bytes in `range`, which must be within this buffer.
        func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }

        /// The bytes from `start` on.
        func part(from start: Int) -> UnsafeRawBufferPointer { part(start..<count) }

        /// The number in network order at `offset`.
        func number(at offset: Int) -> UInt64 {
            UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
    }
#endif
