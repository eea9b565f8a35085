#if TLS
    internal import COpenSSL
    import EventReactor
    import Glibc

    /// Certificates, keys and authorities, read once for all connections of an endpoint.
    final class TLSContext {
        let context: OpaquePointer

        /// - Throws: `invalidArgument` for the first file that cannot be used, with the option and the reason.
        init(_ settings: TLSSettings, isServer: Bool) throws(ZMQError) {
            ERR_clear_error()
            guard let context = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
                throw ZMQError(.system(ENOMEM), "no memory for TLS")
            }
            self.context = context
            guard copenssl_refuse_old_versions(context) == 1 else {
                throw Self.error("tls", "TLS 1.2 is not available")
            }
            if let file = settings.certificateFile {
                guard SSL_CTX_use_certificate_chain_file(context, file) == 1 else {
                    throw Self.error("tls.certificateFile", "cannot use the certificate \(file.quoted)")
                }
                let key = settings.privateKeyFile ?? file
                guard SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 else {
                    throw Self.error("tls.privateKeyFile", "cannot use the private key \(key.quoted)")
                }
            }
            if let file = settings.authoritiesFile {
                guard SSL_CTX_load_verify_file(context, file) == 1 else {
                    throw Self.error("tls.authoritiesFile", "cannot use the authorities \(file.quoted)")
                }
            } else {
                SSL_CTX_set_default_verify_paths(context)
            }
            let verifies = !isServer || settings.requiresClientCertificate
            let mode = verifies ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE
            SSL_CTX_set_verify(context, mode, nil)
            // A session that is resumed belongs to a name of its own, where clients have certificates.
            SSL_CTX_set_session_id_context(context, Array("zmq-reactor".utf8), 11)
        }

        deinit { SSL_CTX_free(context) }

        private static func error(_ option: String, _ message: String) -> ZMQError {
            ZMQError(.invalidArgument, "\(message): \(OpenSSLError.text)", option: option)
        }
    }

    /// The last error of OpenSSL on this thread.
    enum OpenSSLError {
        static var text: String {
            defer { ERR_clear_error() }
            let code = ERR_peek_last_error()
            guard code != 0 else { return "unknown error" }
            if let reason = ERR_reason_error_string(code) { return String(cString: reason) }
            // Errors of system calls have no reason of OpenSSL's.
            var buffer = [CChar](repeating: 0, count: 256)
            ERR_error_string_n(code, &buffer, buffer.count)
            return String(
                decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
                as: UTF8.self
            )
        }
    }

    /// The contexts of a reactor, by what they were made of. Files that have been replaced are read again; as long as
    /// they cannot be used, what they were before is.
    final class TLSContexts: ReactorLocal {
        private struct Key: Hashable {
            let settings: TLSSettings
            let isServer: Bool
        }

        /// A file as it was at one moment.
        private struct File: Equatable {
            let numbers: [Int]

            init?(_ path: String?) {
                var status = stat()
                guard let path, stat(path, &status) == 0 else { return nil }
                let (time, size) = (status.st_mtim, Int(status.st_size))
                numbers = [Int(status.st_dev), Int(status.st_ino), size, time.tv_sec, time.tv_nsec]
            }
        }

        private var contexts: [Key: (files: [File?], context: TLSContext)] = [:]

        func context(for settings: TLSSettings, isServer: Bool) throws(ZMQError) -> TLSContext {
            let key = Key(settings: settings, isServer: isServer)
            let files = [settings.certificateFile, settings.privateKeyFile, settings.authoritiesFile].map { File($0) }
            let known = contexts[key]
            if let known, known.files == files { return known.context }
            do throws(ZMQError) {
                let context = try TLSContext(settings, isServer: isServer)
                contexts[key] = (files, context)
                return context
            } catch {
                guard let known else { throw error }
                return known.context
            }
        }
    }
#endif
