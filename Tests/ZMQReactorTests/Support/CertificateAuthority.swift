#if TLS
    import Glibc
    import ZMQReactorTestSupport

    @testable import ZMQReactor

    /// An authority of a test, and certificates of it.
    final class CertificateAuthority {
        let directory = Unique.path()

        init() throws {
            mkdir(directory, 0o700)
            try run("-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
        }

        deinit {
            for name in ["ca", "server", "client"] {
                unlink("\(directory)/\(name).key")
                unlink("\(directory)/\(name).pem")
            }
            rmdir(directory)
        }

        private func run(_ arguments: String...) throws {
            let key = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
            try ChildProcess("openssl", key + ["-days", "2"] + arguments, directory: directory).expectExit(.exited(0))
        }

        /// Makes a certificate for the names.
        func certificate(_ name: String, for names: String) throws -> TLSSettings {
            try run(
                "-subj",
                "/CN=\(name)",
                "-addext",
                "subjectAltName=\(names)",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-keyout",
                "\(name).key",
                "-out",
                "\(name).pem"
            )
            var settings = trusting
            settings.certificateFile = "\(directory)/\(name).pem"
            settings.privateKeyFile = "\(directory)/\(name).key"
            return settings
        }

        func server(for names: String = "DNS:localhost,IP:127.0.0.1") throws -> TLSSettings {
            try certificate("server", for: names)
        }

        var authoritiesFile: String { "\(directory)/ca.pem" }

        /// The settings of a client that trusts this authority.
        var trusting: TLSSettings {
            var settings = TLSSettings()
            settings.authoritiesFile = authoritiesFile
            return settings
        }
    }

/// Sockets over `wss://`.
#endif
