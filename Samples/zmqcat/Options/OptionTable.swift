import ZMQReactor

extension SocketSetting {
    /// All socket options by name. A new one is one more row in its list.
    ///
    /// Computed properties: key paths are not Sendable, and the table is used once.
    static var all: [SocketSetting] {
        queues + connections + limits + tcp + ipc + webSocket + multicast + types + security + program
    }

    private static var queues: [SocketSetting] {
        [
            .number("send-high-water-mark", \.sendHighWaterMark),
            .number("receive-high-water-mark", \.receiveHighWaterMark),
            .optionalNumber("send-high-water-mark-bytes", \.sendHighWaterMarkBytes),
            .optionalNumber("receive-high-water-mark-bytes", \.receiveHighWaterMarkBytes),
            .optionalNumber("send-budget", \.sendBudget),
            .optionalNumber("receive-budget", \.receiveBudget),
            .number("max-message-size", \.maxMessageSize),
            .flag("conflate", \.isConflating, is: "isConflating"),
            .flag("immediate", \.isImmediate, is: "isImmediate"),
        ]
    }

    private static var connections: [SocketSetting] {
        [
            .time("reconnect-interval", \.reconnectInterval),
            .time("reconnect-interval-max", \.reconnectIntervalMax),
            .named("reconnect-stop", \.reconnectStop, anyOf: reconnectStops),
            .optionalTime("connect-timeout", \.connectTimeout),
            .flag("connects-to-all-addresses", \.connectsToAllAddresses),
            .time("lookup-interval", \.lookupInterval),
            .time("handshake-interval", \.handshakeInterval),
            .flag("accepts-legacy-peers", \.acceptsLegacyPeers),
            .optionalTime("heartbeat-interval", \.heartbeatInterval),
            .optionalTime("heartbeat-timeout", \.heartbeatTimeout),
            .optionalTime("heartbeat-ttl", \.heartbeatTTL, is: "heartbeatTTL"),
            .optionalTime("write-timeout", \.writeTimeout),
            .bits("affinity", \.affinity),
        ]
    }

    private static var reconnectStops: [(name: String, value: SocketOptions.ReconnectStop)] {
        [
            ("connection-refused", .connectionRefused), ("handshake-failed", .handshakeFailed),
            ("after-disconnect", .afterDisconnect),
        ]
    }

    private static var limits: [SocketSetting] {
        [
            .number("limits.connections", \.limits.connections),
            .number("limits.connections-per-address", \.limits.connectionsPerAddress),
            .number("limits.handshakes", \.limits.handshakes),
            .number("limits.handshakes-per-address", \.limits.handshakesPerAddress),
            .number("limits.connection-rate", \.limits.connectionRate),
            .number("limits.handshake-bytes", \.limits.handshakeBytes),
            .number("limits.metadata-bytes", \.limits.metadataBytes),
            .number("limits.frames-per-message", \.limits.framesPerMessage),
            .number("limits.commands-per-turn", \.limits.commandsPerTurn),
            .number("limits.multicast-senders", \.limits.multicastSenders),
            .flag("limits.counts-local-peers", \.limits.countsLocalPeers),
            .optionalTime("limits.slow-peer-timeout", \.limits.slowPeerTimeout),
        ]
    }

    private static var tcp: [SocketSetting] {
        [
            .number("backlog", \.backlog),
            .flag("ipv6", \.usesIPv6, is: "usesIPv6"),
            .optionalFlag("tcp-keepalive", \.tcpKeepalive),
            .optionalTime("tcp-keepalive-idle", \.tcpKeepaliveIdle),
            .optionalTime("tcp-keepalive-interval", \.tcpKeepaliveInterval),
            .optionalNumber("tcp-keepalive-count", \.tcpKeepaliveCount),
            .optionalTime("tcp-user-timeout", \.tcpUserTimeout),
            .optionalNumber("send-buffer", \.sendBuffer),
            .optionalNumber("receive-buffer", \.receiveBuffer),
            .optionalNumber("type-of-service", \.typeOfService),
            .text("bind-to-device", \.bindToDevice),
            .text("socks-proxy", \.socksProxy),
            .text("socks-user", \.socksUser),
            .password("socks-password", \.socksPassword),
        ]
    }

    private static var ipc: [SocketSetting] {
        [
            .flag("ipc-shares-memory", \.ipcSharesMemory),
            .mode("ipc-permissions", \.ipcPermissions),
            .numbers("ipc-allowed-users", \.ipcAllowedUsers),
            .numbers("ipc-allowed-groups", \.ipcAllowedGroups),
            .numbers("ipc-allowed-processes", \.ipcAllowedProcesses),
        ]
    }

    private static var webSocket: [SocketSetting] {
        [
            .named("web-socket-clients", \.webSocketClients, webSocketClients),
            .list("web-socket-origins", \.webSocketOrigins),
            .text("tls.certificate-file", \.tls.certificateFile),
            .text("tls.private-key-file", \.tls.privateKeyFile),
            .text("tls.authorities-file", \.tls.authoritiesFile),
            .flag("tls.requires-client-certificate", \.tls.requiresClientCertificate),
            .text("tls.server-name", \.tls.serverName),
        ]
    }

    private static var webSocketClients: [(name: String, value: WebSocketClients)] {
        [("subprotocol", .subprotocol), ("binary", .binary), ("binary-and-text", .binaryAndText)]
    }

    private static var multicast: [SocketSetting] {
        [
            .number("rate", \.multicastRate, is: "multicastRate"),
            .time("recovery-interval", \.multicastRecoveryInterval, is: "multicastRecoveryInterval"),
            .number("multicast-hops", \.multicastHops),
            .number("multicast-maxtpdu", \.multicastMaxTPDU, is: "multicastMaxTPDU"),
            .flag("multicast-loop", \.multicastLoop),
        ]
    }

    private static var types: [SocketSetting] {
        [
            .bytes("routing-id", is: "routingID", of: (any RoutableSocket).self) { socket, id throws(ZMQError) in
                try socket.setRoutingID(id)
            },
            .flag("router-mandatory", [of(\RouterSocket.isMandatory), of(\StreamSocket.isMandatory)]),
            .flag("stream-notify", [of(\StreamSocket.deliversNotices)]),
            .flag("router-handover", [of(\RouterSocket.allowsHandover)]),
            .flag("binds-routing-ids-to-users", [of(\RouterSocket.bindsRoutingIDsToUsers)]),
            .flag(
                "probe-router",
                [of(\ReqSocket.probesPeers), of(\DealerSocket.probesPeers), of(\RouterSocket.probesPeers)]
            ),
            .flag("request-relaxed", [of(\ReqSocket.isRelaxed)]),
            .flag("request-correlate", [of(\ReqSocket.correlatesReplies)]),
            .flag("invert-matching", [of(\PublishingSocket.invertsMatching), of(\SubSocket.invertsMatching)]),
            .flag("xpub-verbose", [of(\XPubSocket.isVerbose)]),
            .flag("xpub-verboser", [of(\XPubSocket.isVerboser)]),
            .flag("xpub-manual", [of(\XPubSocket.isManual)]),
            .flag("xpub-no-drop", [of(\XPubSocket.blocksWhenFull)]),
            .flag("xsub-forwards-duplicates", [of(\XSubSocket.forwardsDuplicates)]),
            .subscriptionLimit("subscription-limits.topics", \.topics),
            .subscriptionLimit("subscription-limits.bytes", \.bytes),
            .subscriptionLimit("subscription-limits.total-topics", \.totalTopics),
            .subscriptionLimit("subscription-limits.total-bytes", \.totalBytes),
            .bytes("xpub-welcome-message", of: XPubSocket.self) { $0.welcomeMessage = Message($1) },
        ]
    }

    private static var security: [SocketSetting] {
        [
            .security("security", \.kind) { text throws(Complaint) in
                guard let kind = SecuritySettings.Kind(rawValue: text) else {
                    let kinds = SecuritySettings.Kind.allCases.map(\.rawValue)
                    throw Complaint("expected one of \(kinds.joined(separator: ", "))")
                }
                return kind
            },
            .security("plain-username", \.username, is: "username") { $0 },
            .security("plain-password", \.password, is: "password", isSecret: true) { Password($0) },
            .security("curve-public-key", \.publicKey, isSecret: true, KeyText.publicKey),
            .security("curve-secret-key", \.secretKey, isSecret: true, KeyText.secretKey),
            .security("curve-server-key", \.serverKey, isSecret: true, KeyText.publicKey),
            .security("zap-domain", \.domain, is: "security.domain") { $0 },
            .security("authentication-timeout", \.timeout, is: "security.authenticationTimeout") {
                text throws(Complaint) in
                try time(text)
            },
            .allow("allow"),
        ]
    }

    private static var program: [SocketSetting] {
        [
            .contextNumber("context.send-budget", \.sendBudget),
            .contextNumber("context.receive-budget", \.receiveBudget),
            .idleStrategy("idle-strategy"),
        ]
    }
}

extension XPubSocket {
    fileprivate var isVerbose: Bool {
        get { verbosity == .verbose }
        set { verbosity = newValue ? .verbose : .merged }
    }

    fileprivate var isVerboser: Bool {
        get { verbosity == .verboser }
        set { verbosity = newValue ? .verboser : .merged }
    }
}
