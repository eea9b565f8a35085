import Glibc

extension IPCEndpoint: ByteStreamAddress {
    static var scheme: String { "ipc" }
    static var form: String { "path" }

    static func validate(_ options: SocketOptions) throws(ZMQError) {
        guard let mode = options.ipcPermissions else { return }
        try options.require(mode <= 0o777, "ipcPermissions", "0 to 0o777", "0o\(String(mode, radix: 8))")
    }

    init?(boundTo descriptor: CInt, _ family: CInt) throws(ZMQError) {
        guard family == AF_UNIX else { return nil }
        let path = SocketAddress(localEndOf: descriptor)?.unixPath ?? ""
        let endpoint = "\(Self.scheme)://\(path)"
        guard !path.isEmpty else { throw .badEndpoint(endpoint, "the address after \(Self.scheme):// is missing") }
        try self.init(Substring(path), in: endpoint)
    }

    var obstacleToConnecting: String? {
        self == .wildcard ? "cannot connect to the wildcard path *; name a path" : nil
    }

    var streams: any ByteStreamTransport { IPCTransport(address: self) }
}

extension Endpoint {
    static func ipc(_ address: IPCEndpoint) -> Endpoint { Endpoint(address) }
}
