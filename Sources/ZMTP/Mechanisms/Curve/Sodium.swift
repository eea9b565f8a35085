#if Curve
    internal import CSodium

    /// libsodium, once it is ready.
    enum Sodium {
        private static let isReady = sodium_init() >= 0

        /// To be called before anything else of libsodium.
        static func prepare() throws(CurveError) {
            guard isReady else { throw CurveError(.unavailable, "libsodium cannot be initialised") }
        }
    }

    extension UnsafeMutableRawBufferPointer {
        /// Fills the buffer with bytes that cannot be predicted.
        func fillWithRandomBytes() { randombytes_buf(baseAddress!, count) }
    }

    extension UnsafeRawBufferPointer {
        /// The address of the bytes, as C's functions take it.
        var unsignedBytes: UnsafePointer<UInt8> { baseAddress!.assumingMemoryBound(to: UInt8.self) }
    }

    extension UnsafeMutableRawPointer {
        /// The address, as C's functions take it.
        var unsignedBytes: UnsafeMutablePointer<UInt8> { assumingMemoryBound(to: UInt8.self) }
    }

    extension UnsafeRawPointer {
        /// The address, as C's functions take it.
        var unsignedBytes: UnsafePointer<UInt8> { assumingMemoryBound(to: UInt8.self) }
    }
#endif
