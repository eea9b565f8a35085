#if Configuration
    import Configuration
    import ZMQReactor

    /// A key of the socket options: its name, which is that of the option, and how its value is set.
    struct OptionKey {
        let name: String
        let apply: (ConfigValues, inout SocketOptions) throws(ZMQError) -> Void

        /// All keys. A new option is one more row.
        static var all: [OptionKey] { queues + connections + limits + network + webSocket + multicast }

        private static var queues: [OptionKey] {
            [
                .number("sendHighWaterMark", \.sendHighWaterMark),
                .number("receiveHighWaterMark", \.receiveHighWaterMark),
                .optionalNumber("sendHighWaterMarkBytes", \.sendHighWaterMarkBytes),
                .optionalNumber("receiveHighWaterMarkBytes", \.receiveHighWaterMarkBytes),
                .optionalNumber("sendBudget", \.sendBudget),
                .optionalNumber("receiveBudget", \.receiveBudget),
                .number("maxMessageSize", \.maxMessageSize),
                .flag("isConflating", \.isConflating),
                .flag("isImmediate", \.isImmediate),
            ]
        }

        private static var connections: [OptionKey] {
            [
                .linger,
                .time("reconnectInterval", \.reconnectInterval),
                .time("reconnectIntervalMax", \.reconnectIntervalMax),
                .optionalTime("connectTimeout", \.connectTimeout),
                .flag("connectsToAllAddresses", \.connectsToAllAddresses),
                .time("lookupInterval", \.lookupInterval),
                .time("handshakeInterval", \.handshakeInterval),
                .flag("acceptsLegacyPeers", \.acceptsLegacyPeers),
                .optionalTime("heartbeatInterval", \.heartbeatInterval),
                .optionalTime("heartbeatTimeout", \.heartbeatTimeout),
                .optionalTime("heartbeatTTL", \.heartbeatTTL),
                .optionalTime("writeTimeout", \.writeTimeout),
            ]
        }

        private static var limits: [OptionKey] {
            [
                .number("limits.connections", \.limits.connections),
                .number("limits.connectionsPerAddress", \.limits.connectionsPerAddress),
                .number("limits.handshakes", \.limits.handshakes),
                .number("limits.handshakesPerAddress", \.limits.handshakesPerAddress),
                .number("limits.connectionRate", \.limits.connectionRate),
                .number("limits.handshakeBytes", \.limits.handshakeBytes),
                .number("limits.metadataBytes", \.limits.metadataBytes),
                .number("limits.framesPerMessage", \.limits.framesPerMessage),
                .number("limits.commandsPerTurn", \.limits.commandsPerTurn),
                .number("limits.multicastSenders", \.limits.multicastSenders),
                .flag("limits.countsLocalPeers", \.limits.countsLocalPeers),
                .optionalTime("limits.slowPeerTimeout", \.limits.slowPeerTimeout),
            ]
        }

        private static var network: [OptionKey] {
            [
                .number("backlog", \.backlog),
                .flag("usesIPv6", \.usesIPv6),
                .optionalFlag("tcpKeepalive", \.tcpKeepalive),
                .optionalTime("tcpKeepaliveIdle", \.tcpKeepaliveIdle),
                .optionalTime("tcpKeepaliveInterval", \.tcpKeepaliveInterval),
                .optionalNumber("tcpKeepaliveCount", \.tcpKeepaliveCount),
                .optionalTime("tcpUserTimeout", \.tcpUserTimeout),
                .optionalNumber("sendBuffer", \.sendBuffer),
                .optionalNumber("receiveBuffer", \.receiveBuffer),
                .optionalNumber("typeOfService", \.typeOfService),
                .text("bindToDevice", \.bindToDevice),
                .text("socksProxy", \.socksProxy),
                .text("socksUser", \.socksUser),
                .password("socksPassword", \.socksPassword),
                .flag("ipcSharesMemory", \.ipcSharesMemory),
            ]
        }

        private static var webSocket: [OptionKey] {
            let clients: [(name: String, value: WebSocketClients)] = [
                ("subprotocol", .subprotocol), ("binary", .binary), ("binaryAndText", .binaryAndText),
            ]
            return [
                OptionKey("webSocketClients") { values, options throws(ZMQError) in
                    if let value = try values.choice("webSocketClients", clients) { options.webSocketClients = value }
                },
                OptionKey("webSocketOrigins") { values, options throws(ZMQError) in
                    if let value = try values.strings("webSocketOrigins") { options.webSocketOrigins = Set(value) }
                },
                .text("tls.certificateFile", \.tls.certificateFile),
                .text("tls.privateKeyFile", \.tls.privateKeyFile),
                .text("tls.authoritiesFile", \.tls.authoritiesFile),
                .flag("tls.requiresClientCertificate", \.tls.requiresClientCertificate),
                .text("tls.serverName", \.tls.serverName),
            ]
        }

        private static var multicast: [OptionKey] {
            [
                .number("multicastRate", \.multicastRate),
                .time("multicastRecoveryInterval", \.multicastRecoveryInterval),
                .number("multicastHops", \.multicastHops),
                .number("multicastMaxTPDU", \.multicastMaxTPDU),
                .flag("multicastLoop", \.multicastLoop),
            ]
        }
    }

    // The kinds of keys.
    extension OptionKey {
        typealias Path<Value> = WritableKeyPath<SocketOptions, Value>

        init(_ name: String, _ apply: @escaping (ConfigValues, inout SocketOptions) throws(ZMQError) -> Void) {
            (self.name, self.apply) = (name, apply)
        }

        static func number(_ name: String, _ path: Path<Int>) -> OptionKey {
            OptionKey(name) { values, options throws(ZMQError) in
                if let value = try values.number(name) { options[keyPath: path] = value }
            }
        }

        static func flag(_ name: String, _ path: Path<Bool>) -> OptionKey {
            OptionKey(name) { values, options throws(ZMQError) in
                if let value = try values.flag(name) { options[keyPath: path] = value }
            }
        }

        static func time(_ name: String, _ path: Path<Duration>) -> OptionKey {
            OptionKey(name) { values, options throws(ZMQError) in
                if let value = try values.time(name) { options[keyPath: path] = value }
            }
        }

        static func optionalNumber(_ name: String, _ path: Path<Int?>) -> OptionKey {
            OptionKey(name) { values, options throws(ZMQError) in
                if let value = try values.optional(name, values.number) { options[keyPath: path] = value }
            }
        }

        static func optionalFlag(_ name: String, _ path: Path<Bool?>) -> OptionKey {
            OptionKey(name) { values, options throws(ZMQError) in
                if let value = try values.optional(name, values.flag) { options[keyPath: path] = value }
            }
        }

        static func optionalTime(_ name: String, _ path: Path<Duration?>) -> OptionKey {
            OptionKey(name) { values, options throws(ZMQError) in
                if let value = try values.optional(name, values.time) { options[keyPath: path] = value }
            }
        }

        static func text(_ name: String, _ path: Path<String?>) -> OptionKey {
            OptionKey(name) { values, options throws(ZMQError) in
                if let value = try values.string(name) { options[keyPath: path] = value }
            }
        }

        static func password(_ name: String, _ path: Path<Password?>) -> OptionKey {
            OptionKey(name) { values, options throws(ZMQError) in
                if let value = try values.string(name, isSecret: true) { options[keyPath: path] = Password(value) }
            }
        }

        /// A time, `none` or `untilSent`.
        static var linger: OptionKey {
            OptionKey("linger") { values, options throws(ZMQError) in
                let value: SocketOptions.Linger? = try values.value(
                    "linger",
                    "none, untilSent, or \(ConfigValues.timeForm)",
                    read: { _ in nil },
                    parse: { text in
                        switch text {
                        case "none": SocketOptions.Linger.none
                        case "untilSent": .untilSent
                        default: ConfigValues.time(text).map { .atMost($0) }
                        }
                    }
                )
                if let value { options.linger = value }
            }
        }
    }
#endif
