#if Configuration
    public import Configuration
    public import ZMQReactor

    extension SocketSecurity {
        /// Security from a configuration; nil without the key `mechanism`.
        ///
        /// | `mechanism` | further keys |
        /// |---|---|
        /// | `null` | |
        /// | `plainClient` | `username`, and the secret `password` |
        /// | `curveClient` | `serverKey`; the client's own pair: `publicKey`, and the secret `secretKey`, or a new one |
        /// | `curveServer` | `publicKey`, and the secret `secretKey`; `allowedKeys`, or `any` for every client |
        ///
        /// Keys are texts in Z85. A PLAIN server's users are the program's: see `PlainUsers`.
        ///
        /// - Throws: `invalidArgument`, with the key and its value, for a value that is missing or invalid. The value of
        ///   a secret is not in it.
        public init?(config: ConfigReader) throws(ZMQError) {
            try self.init(ConfigValues(config: config))
        }

        init?(_ values: ConfigValues) throws(ZMQError) {
            let names = ["null", "plainClient", "curveClient", "curveServer"]
            guard let mechanism = try values.choice("mechanism", names.map { ($0, $0) }) else { return nil }
            switch mechanism {
            case "plainClient": self = try Self.plainClient(values)
            case "curveClient": self = try Self.curveClient(values)
            case "curveServer": self = try Self.curveServer(values)
            default: self = .none
            }
        }

        private static func plainClient(_ values: ConfigValues) throws(ZMQError) -> SocketSecurity {
            let username = try values.required("username")
            let password = try values.required("password", isSecret: true)
            do throws(ZMQError) {
                return try .plainClient(username: username, password: Password(password))
            } catch {
                throw .badKey(values.name("username"), because: error)
            }
        }

        private static func curveClient(_ values: ConfigValues) throws(ZMQError) -> SocketSecurity {
            let text = try values.required("serverKey")
            let (serverKey, keys) = (try values.publicKey("serverKey", text), try values.keyPair())
            do throws(CurveError) { return try .curveClient(keys, serverKey: serverKey) } catch {
                throw .badKey(values.name("serverKey"), because: error)
            }
        }

        private static func curveServer(_ values: ConfigValues) throws(ZMQError) -> SocketSecurity {
            guard let keys = try values.keyPair() else { throw .missingKey(values.name("secretKey")) }
            let allowed = try values.strings("allowedKeys") ?? []
            var clients: [CurvePublicKey] = []
            if allowed != ["any"] {
                for text in allowed { clients.append(try values.publicKey("allowedKeys", text)) }
            }
            let authenticator = allowed == ["any"] ? Authenticator.acceptAll : .keys(clients)
            do throws(CurveError) { return try .curveServer(keys, authenticator: authenticator) } catch {
                throw .badKey(values.name("mechanism"), because: error)
            }
        }
    }

    extension ConfigValues {
        func required(_ key: String, isSecret: Bool = false) throws(ZMQError) -> String {
            guard let text = try string(key, isSecret: isSecret) else { throw .missingKey(name(key)) }
            return text
        }

        func publicKey(_ key: String, _ text: String) throws(ZMQError) -> CurvePublicKey {
            do { return try CurvePublicKey(z85: text) } catch {
                throw .badKey(name(key), text, "a public key in Z85, which has 40 characters")
            }
        }

        /// nil without a secret key.
        func keyPair() throws(ZMQError) -> CurveKeyPair? {
            guard let text = try string("secretKey", isSecret: true) else { return nil }
            let pair: CurveKeyPair
            do { pair = try CurveKeyPair(secretKey: CurveSecretKey(z85: text)) } catch {
                throw .badKey(name("secretKey"), "a secret", "a secret key in Z85, which has 40 characters")
            }
            if let text = try string("publicKey") {
                guard try publicKey("publicKey", text) == pair.publicKey else {
                    throw .badKey(name("publicKey"), text, "the public key that belongs to '\(name("secretKey"))'")
                }
            }
            return pair
        }
    }

    extension ZMQError {
        fileprivate static func missingKey(_ key: String) -> ZMQError {
            ZMQError(.invalidArgument, "the key '\(key)' has no value", option: key)
        }
    }
#endif
