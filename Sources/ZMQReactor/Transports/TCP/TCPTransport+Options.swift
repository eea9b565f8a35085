import EventReactor
import Glibc

extension TCPTransport {
    /// Sets what has to be set before a descriptor listens or connects. Accepted connections inherit it.
    func applyOptions(_ options: SocketOptions, on descriptor: CInt, _ family: CInt) throws(ZMQError) {
        func set(_ level: some BinaryInteger, _ option: CInt, _ value: Int?, _ name: String) throws(ZMQError) {
            guard let value, !StreamDescriptor.set(level, option, value, on: descriptor) else { return }
            throw refused(name)
        }
        // First, because it may not be allowed, and nothing has been changed then.
        if let device = options.bindToDevice {
            guard setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, device, socklen_t(device.utf8.count)) == 0 else {
                throw refused("bindToDevice")
            }
        }
        try set(SOL_SOCKET, SO_SNDBUF, options.sendBuffer, "sendBuffer")
        try set(SOL_SOCKET, SO_RCVBUF, options.receiveBuffer, "receiveBuffer")
        try set(SOL_SOCKET, SO_KEEPALIVE, options.tcpKeepalive.map { $0 ? 1 : 0 }, "tcpKeepalive")
        try set(IPPROTO_TCP, TCP_KEEPIDLE, options.tcpKeepaliveIdle?.wholeSeconds, "tcpKeepaliveIdle")
        try set(IPPROTO_TCP, TCP_KEEPINTVL, options.tcpKeepaliveInterval?.wholeSeconds, "tcpKeepaliveInterval")
        try set(IPPROTO_TCP, TCP_KEEPCNT, options.tcpKeepaliveCount, "tcpKeepaliveCount")
        try set(IPPROTO_TCP, TCP_USER_TIMEOUT, options.tcpUserTimeout?.wholeMilliseconds, "tcpUserTimeout")
        if family == AF_INET6 { try set(IPPROTO_IPV6, IPV6_TCLASS, options.typeOfService, "typeOfService") }
        // IPv4 peers of an IPv6 socket have a type of service as well.
        if family == AF_INET || options.usesIPv6 { try set(IPPROTO_IP, IP_TOS, options.typeOfService, "typeOfService") }
    }

    func adopt(_ descriptor: CInt, _ options: SocketOptions) throws(ZMQError) {
        try applyOptions(options, on: descriptor, StreamDescriptor.familyOfListener(descriptor) ?? AF_INET)
    }

    private func refused(_ option: String) -> ZMQError {
        let number = errno
        let reason = ZMQError.Code.systemMessage(number)
        return ZMQError(
            .system(number),
            "the system refuses \(option): \(reason)",
            endpoint: "\(endpoint)",
            option: option
        )
    }
}

extension Duration {
    fileprivate var wholeSeconds: Int { Int(components.seconds) }

    /// Rounded up, so that nothing positive becomes zero, which is the system's default.
    fileprivate var wholeMilliseconds: Int { Int((roundedUpNanoseconds - 1) / 1_000_000 + 1) }
}
