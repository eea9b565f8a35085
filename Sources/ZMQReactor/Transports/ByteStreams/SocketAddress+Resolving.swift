import Glibc

extension SocketAddress {
    /// The addresses of a host and port, see getaddrinfo(3); empty with the reason when there are none. May block on a
    /// name.
    ///
    /// - Parameters:
    ///   - host: a name or number; nil is every local address.
    ///   - family: AF_INET, AF_INET6 or AF_UNSPEC.
    ///   - isLocal: whether the address is one to bind to.
    static func resolve(_ host: String?, port: UInt16, family: CInt, isLocal: Bool) -> ([SocketAddress], reason: String)
    {
        var hints = addrinfo()
        hints.ai_family = family
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV | (isLocal ? AI_PASSIVE : 0)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else {
            return ([], status == EAI_SYSTEM ? String(cString: strerror(errno)) : String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next {
            addresses.append(SocketAddress(entry.pointee.ai_addr, length: entry.pointee.ai_addrlen))
            next = entry.pointee.ai_next
        }
        return (addresses, "")
    }
}
