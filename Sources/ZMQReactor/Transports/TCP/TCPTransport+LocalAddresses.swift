import Glibc

extension TCPTransport {
    /// The local addresses a host and port stand for, the one to take first; never none.
    ///
    /// A name is that of a network interface, or else of a host. The latter may block on the look-up.
    func localAddresses(of local: TCPAddress, _ options: SocketOptions) throws(ZMQError) -> [SocketAddress] {
        if case .name(let name) = local.host {
            let found = SocketAddress.ofInterface(name, port: local.port)
            if !found.isEmpty { return Self.sorted(found, options) }
        }
        let isAny = local.host == .any
        let (found, reason) = SocketAddress.resolve(
            isAny && options.usesIPv6 ? "::" : local.host.lookupName,
            port: local.port,
            family: isAny ? (options.usesIPv6 ? AF_INET6 : AF_INET) : AF_UNSPEC,
            isLocal: true
        )
        guard !found.isEmpty else {
            throw ZMQError(.noSuchDevice, local.host.isNotLocal(because: reason), endpoint: "\(endpoint)")
        }
        return Self.sorted(found, options)
    }

    /// IPv4 first unless IPv6 is wanted; otherwise in the order given.
    static func sorted(_ addresses: [SocketAddress], _ options: SocketOptions) -> [SocketAddress] {
        guard !options.usesIPv6 else { return addresses }
        return addresses.filter { $0.family == AF_INET } + addresses.filter { $0.family != AF_INET }
    }
}

extension SocketAddress {
    /// The addresses of a network interface, see getifaddrs(3).
    static func ofInterface(_ name: String, port: UInt16) -> [SocketAddress] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next {
            next = entry.pointee.ifa_next
            guard String(cString: entry.pointee.ifa_name) == name, let address = entry.pointee.ifa_addr else {
                continue
            }
            switch CInt(address.pointee.sa_family) {
            case AF_INET: addresses.append(Self(address, length: socklen_t(MemoryLayout<sockaddr_in>.size), port: port))
            case AF_INET6:
                addresses.append(Self(address, length: socklen_t(MemoryLayout<sockaddr_in6>.size), port: port))
            default: continue
            }
        }
        return addresses
    }
}

extension TCPHost {
    /// The host as getaddrinfo(3) takes it; nil for every local address.
    var lookupName: String? {
        switch self {
        case .any: nil
        case .ipv4(let address): "\(address)"
        case .ipv6(let address, nil): "\(address)"
        case .ipv6(let address, let scope?): "\(address)%\(scope)"
        case .name(let name): name
        }
    }

    func isNotLocal(because reason: String) -> String {
        "no network interface or local address is called \(self): \(reason)"
    }
}
