import ZMTP

extension SocketOptions {
    /// Throws for the first option with an invalid value; the error names both.
    func validate(for type: SocketType) throws(ZMQError) {
        try validateQueues(for: type)
        try validateConnections()
        try validateHeartbeat()
        try validateLimits()
        try validateTCP()
        if let mode = ipcPermissions {
            try require(mode <= 0o777, "ipcPermissions", "0 to 0o777", "0o\(String(mode, radix: 8))")
        }
    }

    private func validateQueues(for type: SocketType) throws(ZMQError) {
        try require(sendHighWaterMark >= 0, "sendHighWaterMark", "0 (no limit) or more", sendHighWaterMark)
        try require(receiveHighWaterMark >= 0, "receiveHighWaterMark", "0 (no limit) or more", receiveHighWaterMark)
        if let bytes = sendHighWaterMarkBytes {
            try require(bytes > 0, "sendHighWaterMarkBytes", "1 or more, or nil", bytes)
        }
        if let bytes = receiveHighWaterMarkBytes {
            try require(bytes > 0, "receiveHighWaterMarkBytes", "1 or more, or nil", bytes)
        }
        if let bytes = sendBudget { try require(bytes > 0, "sendBudget", "1 or more, or nil", bytes) }
        if let bytes = receiveBudget { try require(bytes > 0, "receiveBudget", "1 or more, or nil", bytes) }
        try require(
            !isConflating || type.traits.contains(.conflatable),
            "isConflating",
            "false for a \(type) socket",
            isConflating
        )
        try require(maxMessageSize > 0, "maxMessageSize", "1 or more", maxMessageSize)
    }

    private func validateConnections() throws(ZMQError) {
        if case .atMost(let limit) = linger { try require(limit >= .zero, "linger", "zero or longer", limit) }
        try requirePositive(reconnectInterval, "reconnectInterval")
        try require(
            reconnectIntervalMax >= reconnectInterval,
            "reconnectIntervalMax",
            "at least reconnectInterval (\(reconnectInterval))",
            reconnectIntervalMax
        )
        try requirePositive(connectTimeout, "connectTimeout")
        try requirePositive(handshakeInterval, "handshakeInterval")
        try requirePositive(writeTimeout, "writeTimeout")
    }

    private func validateLimits() throws(ZMQError) {
        // Most sockets use the defaults, and checking the table costs as much as the rest of making a socket.
        guard limits != SocketLimits() else { return }
        for row in SocketLimits.rows {
            let value = limits[keyPath: row.path]
            try require(value >= row.minimum, "limits.\(row.name)", "\(row.minimum) or more", value)
        }
        try requirePositive(limits.slowPeerTimeout, "limits.slowPeerTimeout")
    }

    private func validateHeartbeat() throws(ZMQError) {
        try requirePositive(heartbeatInterval, "heartbeatInterval")
        try requirePositive(heartbeatTimeout, "heartbeatTimeout")
        guard let heartbeatTTL else { return }
        // libzmq misreads longer ones (DEV-29).
        let isInRange = heartbeatTTL >= .milliseconds(100) && heartbeatTTL <= .milliseconds(65_500)
        try require(isInRange, "heartbeatTTL", "0.1 to 65.5 seconds", heartbeatTTL)
    }

    private func validateTCP() throws(ZMQError) {
        try require(backlog > 0, "backlog", "1 or more", backlog)
        try requireSeconds(tcpKeepaliveIdle, "tcpKeepaliveIdle", upTo: 32_767)
        try requireSeconds(tcpKeepaliveInterval, "tcpKeepaliveInterval", upTo: 32_767)
        if let count = tcpKeepaliveCount {
            try require((1...127).contains(count), "tcpKeepaliveCount", "1 to 127", count)
        }
        if let time = tcpUserTimeout {
            let isInRange = time > .zero && time <= .milliseconds(Int64(Int32.max))
            try require(isInRange, "tcpUserTimeout", "longer than zero, and at most \(Int32.max) milliseconds", time)
        }
        for (size, name) in [(sendBuffer, "sendBuffer"), (receiveBuffer, "receiveBuffer")] {
            guard let size else { continue }
            try require((1...Int(Int32.max)).contains(size), name, "1 to \(Int32.max) bytes", size)
        }
        if let tos = typeOfService { try require((0...255).contains(tos), "typeOfService", "0 to 255", tos) }
        if let device = bindToDevice {
            let fits = (1...15).contains(device.utf8.count) && !device.utf8.contains(0)
            try require(fits, "bindToDevice", "the name of an interface, of 1 to 15 bytes", device.quoted)
        }
        if let socksProxy {
            let proxy = try? TCPEndpoint(Substring(socksProxy), in: "tcp://\(socksProxy)")
            let isUsable = proxy.map { $0.source == nil && $0.target.host != .any && !$0.target.isEphemeral } ?? false
            try require(isUsable, "socksProxy", "host:port", socksProxy.quoted)
        }
        if let socksUser {
            try require((1...255).contains(socksUser.utf8.count), "socksUser", "1 to 255 bytes", socksUser.quoted)
        }
        if let socksPassword {
            let count = socksPassword.utf8.count
            try require(count <= 255, "socksPassword", "at most 255 bytes", "\(count) bytes")
        }
    }

    private func require(
        _ holds: Bool,
        _ option: String,
        _ rule: @autoclosure () -> String,
        _ value: some Any
    ) throws(ZMQError) {
        guard !holds else { return }
        throw ZMQError(.invalidArgument, "\(option) must be \(rule()), not \(value)", option: option)
    }

    private func requirePositive(_ duration: Duration?, _ option: String) throws(ZMQError) {
        if let duration { try require(duration > .zero, option, "longer than zero", duration) }
    }

    private func requireSeconds(_ duration: Duration?, _ option: String, upTo limit: Int64) throws(ZMQError) {
        guard let duration else { return }
        // In this order: `components` traps for a duration of more seconds than 64 bits hold.
        let isInRange = duration >= .seconds(1) && duration <= .seconds(limit)
        try require(isInRange && duration.components.attoseconds == 0, option, "1 to \(limit) whole seconds", duration)
    }
}
