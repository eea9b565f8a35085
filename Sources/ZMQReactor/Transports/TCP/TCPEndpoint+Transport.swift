import Glibc

extension TCPEndpoint: ByteStreamAddress {
    static var scheme: String { "tcp" }
    static var form: String { "host:port" }

    init?(boundTo descriptor: CInt, _ family: CInt) throws(ZMQError) {
        guard family == AF_INET || family == AF_INET6 else { return nil }
        self = try Self(boundTo: descriptor)
    }

    /// The address of a descriptor that is bound.
    init(boundTo descriptor: CInt) throws(ZMQError) {
        guard let real = SocketAddress(localEndOf: descriptor) else {
            throw .system(errno, doing: "read the bound address")
        }
        let text = real.text
        try self.init(Substring(text), in: "\(Self.scheme)://\(text)")
    }

    var obstacleToBinding: String? {
        source == nil ? nil : "a source address is for connecting; bind takes a single address"
    }

    var obstacleToConnecting: String? {
        if target.host == .any { return "cannot connect to the wildcard host *; name a host" }
        return target.isEphemeral ? "cannot connect to port 0 or *; name a port from 1 to 65535" : nil
    }

    var streams: any ByteStreamTransport { TCPTransport(address: self) }
}

extension Endpoint {
    static func tcp(_ address: TCPEndpoint) -> Endpoint { Endpoint(address) }
}
