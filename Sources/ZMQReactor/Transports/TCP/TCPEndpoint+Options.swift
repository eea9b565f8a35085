extension TCPEndpoint {
    static func validate(_ options: SocketOptions) throws(ZMQError) {
        try options.validateTCP()
        try options.validateProxy()
    }
}

extension SocketOptions {
    fileprivate func validateTCP() throws(ZMQError) {
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
    }

    /// The options for a SOCKS5 proxy.
    fileprivate func validateProxy() throws(ZMQError) {
        if let socksProxy {
            let proxy = try? TCPEndpoint(Substring(socksProxy), in: "tcp://\(socksProxy)")
            let isUsable = proxy.map { $0.source == nil && $0.target.host != .any && !$0.target.isEphemeral } ?? false
            try require(isUsable, "socksProxy", "host:port", socksProxy.quoted)
        }
        if let socksUser {
            try require((1...255).contains(socksUser.utf8.count), "socksUser", "1 to 255 bytes", socksUser.quoted)
        }
        if let socksPassword {
            let count = socksPassword.count
            try require(count <= 255, "socksPassword", "at most 255 bytes", "\(count) bytes")
        }
    }
}
