#if TLS
    // One side of TLS (RFC 8446), by OpenSSL with memory in the place of a descriptor.
    //
    // The handshake is a prelude: it takes records one by one, so that no byte behind it is taken.

    internal import COpenSSL
    import ZMTP

    /// The codec of one connection.
    final class TLSCodec: StreamCodec {
        private let context: TLSContext
        let connection: OpaquePointer
        /// What has arrived, and what is to leave. They belong to the connection.
        private let input: OpaquePointer
        private let output: OpaquePointer

        /// The header of the record that the prelude waits for.
        private var header: [UInt8] = []
        /// What follows when what the prelude has to say has been sent.
        private var next: PreludeStep?

        /// Whether records may be left in the input.
        private(set) var hasKept = false

        private(set) var isOver = false
        private(set) var reasonOfEnd: EventReason?
        private(set) var takesFrames = true

        var isCostly: Bool { true }

        private static let headerSize = 5
        /// The most bytes of a record, see RFC 5246, section 6.2.3.
        private static let largestRecord = 16_384 + 2_048
        /// Records that are opened in one go. One of the largest size carries 16 KiB, so that a read has few of these.
        private static let recordsAtOnce = 64
        /// What a record costs that has no data: a KeyUpdate derives keys.
        private static let costWithoutData = 8
        /// The most bytes of answers to such records that wait to leave.
        private static let largestAnswers = 64 * 1024
        /// What a record is longer than its contents, at most.
        private static let overhead = 256

        /// - Parameter server: the name or address of the server that is meant; nil at a server.
        init(_ context: TLSContext, connectingTo server: String?) {
            self.context = context
            guard let connection = SSL_new(context.context), let input = BIO_new(BIO_s_mem()),
                let output = BIO_new(BIO_s_mem())
            else { fatalError("no memory for TLS") }
            (self.connection, self.input, self.output) = (connection, input, output)
            SSL_set_bio(connection, input, output)
            guard let server else {
                SSL_set_accept_state(connection)
                return
            }
            SSL_set_connect_state(connection)
            // An address is not sent, and compared as such.
            if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), server) != 1 {
                _ = copenssl_name_server(connection, server)
                SSL_set1_host(connection, server)
            }
            ERR_clear_error()
        }

        deinit { SSL_free(connection) }

        // MARK: The handshake

        func start() -> PreludeStep { shakeHands() }

        func receive(_ bytes: [UInt8]) -> PreludeStep {
            if let next = next.take() { return next }
            guard !header.isEmpty else {
                let size = Int(bytes[3]) << 8 | Int(bytes[4])
                guard (20...24).contains(bytes[0]), bytes[1] == 3, (1...Self.largestRecord).contains(size)
                else {
                    return .failed("the peer does not speak TLS")
                }
                header = bytes
                return .read(size)
            }
            add(header)
            add(bytes)
            header = []
            return shakeHands()
        }

        private func add(_ bytes: [UInt8]) { _ = BIO_write(input, bytes, CInt(bytes.count)) }

        private func shakeHands() -> PreludeStep {
            ERR_clear_error()
            let result = SSL_do_handshake(connection)
            let step: PreludeStep
            if result == 1 {
                step = .done
            } else if SSL_get_error(connection, result) == SSL_ERROR_WANT_READ {
                step = .read(Self.headerSize)
            } else {
                step = .failed("the TLS handshake failed: \(reasonOfFailure)")
            }
            let output = takeControl()
            guard !output.isEmpty else { return step }
            if case .read(let count) = step { return .send(output, thenRead: count) }
            next = step
            return .send(output, thenRead: 0)
        }

        private var reasonOfFailure: String {
            let verdict = SSL_get_verify_result(connection)
            guard verdict == X509_V_OK else {
                return
                    "the certificate is not accepted: \(String(cString: X509_verify_cert_error_string(verdict)))"
            }
            return OpenSSLError.text
        }

        func begin() { copenssl_read_one_by_one(connection) }

        // MARK: Decoding

        func offset(in room: Int) -> Int? { room == 0 ? nil : 0 }

        func decode(_ arrived: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int {
            // The bytes are copied before the room, in which they lie, is written to.
            keep(arrived)
            return takeKept(into: room)
        }

        func keep(_ arrived: UnsafeRawBufferPointer) {
            guard !isOver, let base = arrived.baseAddress else { return }
            _ = BIO_write(input, base, CInt(arrived.count))
            hasKept = true
        }

        /// Opens records until there are no more, enough have been opened for one go, or the room is full; returns the
        /// number of bytes.
        func takeKept(into room: UnsafeMutableRawBufferPointer) -> Int {
            var (count, cost) = (0, 0)
            while hasKept, count < room.count, cost < Self.recordsAtOnce {
                ERR_clear_error()
                let result = SSL_read(
                    connection,
                    room.baseAddress! + count,
                    CInt(clamping: room.count - count)
                )
                guard result <= 0 else {
                    (count, cost) = (count + Int(result), cost + 1)
                    continue
                }
                cost += Self.costWithoutData
                hasKept = false
                switch SSL_get_error(connection, result) {
                case SSL_ERROR_WANT_READ where BIO_ctrl_pending(output) > Self.largestAnswers:
                    fail("the peer asks for more than it reads the answers of")
                // What is incomplete lies with the connection, not in the input.
                case SSL_ERROR_WANT_READ: hasKept = BIO_ctrl_pending(input) > 0
                case SSL_ERROR_ZERO_RETURN: isOver = true
                default: fail("TLS has failed: \(OpenSSLError.text)")
                }
            }
            return count
        }

        private func fail(_ what: String) {
            isOver = true
            reasonOfEnd = EventReason(.protocolError, what)
        }

        /// What is kept has not been opened, and is no more than one read has brought.
        var heldBytes: Int { 0 }

        func takePong() -> Bool { false }

        // MARK: Encoding

        func encode(
            _ bytes: UnsafeRawBufferPointer,
            into room: UnsafeMutableRawBufferPointer
        ) -> (consumed: Int, produced: Int) {
            var (consumed, produced) = (0, 0)
            while consumed < bytes.count {
                let count = min(bytes.count - consumed, 16_384, room.count - produced - Self.overhead)
                guard count > 0 else { break }
                ERR_clear_error()
                guard SSL_write(connection, bytes.baseAddress! + consumed, CInt(count)) == CInt(count)
                else {
                    takesFrames = false
                    return (bytes.count, produced)
                }
                consumed += count
                let written = BIO_read(output, room.baseAddress! + produced, CInt(room.count - produced))
                produced += max(Int(written), 0)
            }
            return (consumed, produced)
        }

        func takeControl() -> [UInt8] {
            let count = BIO_ctrl_pending(output)
            guard count > 0 else { return [] }
            return [UInt8](unsafeUninitializedCapacity: count) { room, initialized in
                initialized = max(Int(BIO_read(output, room.baseAddress, CInt(count))), 0)
            }
        }

        func ping() {}

        func close(because reason: EventReason?) {
            guard takesFrames else { return }
            takesFrames = false
            ERR_clear_error()
            SSL_shutdown(connection)
        }
    }
#endif
