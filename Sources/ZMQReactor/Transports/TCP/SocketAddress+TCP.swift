import Glibc

extension SocketAddress {
    /// The address that is written out in an endpoint; nil where the system has to say which one is meant.
    init?(_ address: TCPAddress) {
        guard case .ipv4(let host) = address.host else { return nil }
        var internet = sockaddr_in()
        internet.sin_family = sa_family_t(AF_INET)
        internet.sin_port = address.port.bigEndian
        internet.sin_addr.s_addr = host.bits.bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        self = withUnsafePointer(to: internet) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { SocketAddress($0, length: length) }
        }
    }
}
