import ZMTP

extension SocketOptions {
    /// Throws for the first option with an invalid value; the error names both. The options of transports are checked
    /// by those.
    func validate(for type: SocketType) throws(ZMQError) {
        try validateQueues(for: type)
        try validateConnections(for: type)
        try validateHeartbeat()
        try validateLimits()
        try validateSecurity(for: type)
    }

    private func validateSecurity(for type: SocketType) throws(ZMQError) {
        // Most sockets use none.
        guard security != .none else { return }
        // Its peers do not speak ZMTP, so nothing would be secured.
        try require(!type.traits.contains(.raw), "security", "none for a \(type) socket", security)
        let domain = security.domain
        try require(
            domain.utf8.count <= 255 && domain.utf8.allSatisfy { (0x20...0x7E).contains($0) },
            "security.domain",
            "at most 255 printable ASCII characters",
            domain
        )
        try requirePositive(security.authenticationTimeout, "security.authenticationTimeout")
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

    private func validateConnections(for type: SocketType) throws(ZMQError) {
        if case .atMost(let limit) = linger { try require(limit >= .zero, "linger", "zero or longer", limit) }
        try requirePositive(reconnectInterval, "reconnectInterval")
        try require(
            reconnectIntervalMax >= reconnectInterval,
            "reconnectIntervalMax",
            "at least reconnectInterval (\(reconnectInterval))",
            reconnectIntervalMax
        )
        try requirePositive(connectTimeout, "connectTimeout")
        try requirePositive(lookupInterval, "lookupInterval")
        try require(
            !connectsToAllAddresses || !type.traits.contains(.onePeer),
            "connectsToAllAddresses",
            "false for a \(type) socket",
            connectsToAllAddresses
        )
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

    /// Throws unless the option's value is valid.
    func require(
        _ holds: Bool,
        _ option: String,
        _ rule: @autoclosure () -> String,
        _ value: some Any
    ) throws(ZMQError) {
        guard !holds else { return }
        throw ZMQError(.invalidArgument, "\(option) must be \(rule()), not \(value)", option: option)
    }

    func requirePositive(_ duration: Duration?, _ option: String) throws(ZMQError) {
        if let duration { try require(duration > .zero, option, "longer than zero", duration) }
    }

    func requireSeconds(_ duration: Duration?, _ option: String, upTo limit: Int64) throws(ZMQError) {
        guard let duration else { return }
        // In this order: `components` traps for a duration of more seconds than 64 bits hold.
        let isInRange = duration >= .seconds(1) && duration <= .seconds(limit)
        try require(isInRange && duration.components.attoseconds == 0, option, "1 to \(limit) whole seconds", duration)
    }
}
