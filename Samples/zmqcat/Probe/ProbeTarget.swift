/// What an endpoint says about where to connect.
struct ProbeTarget: Equatable {
    enum Transport: String { case tcp, ipc, ws, wss }

    let transport: Transport
    /// A name or a numeric address; for ipc the path, or `@` and an abstract name.
    let host: String
    let port: UInt16
    /// The path of a WebSocket.
    let path: String

    init(_ endpoint: String) throws(Complaint) {
        guard let colon = endpoint.range(of: "://") else {
            throw Complaint("\(endpoint): expected TRANSPORT://ADDRESS, such as tcp://localhost:5555")
        }
        guard let transport = Transport(rawValue: String(endpoint[..<colon.lowerBound])) else {
            throw Complaint("\(endpoint): only tcp, ipc, ws and wss endpoints can be probed")
        }
        self.transport = transport
        let address = endpoint[colon.upperBound...]
        if transport == .ipc {
            guard !address.isEmpty, address.utf8.count < 108 else {
                throw Complaint("\(endpoint): expected a path of 1 to 107 bytes")
            }
            (host, port, path) = (String(address), 0, "")
            return
        }
        // A local address may stand in front: the probe leaves it to the system.
        let remote = address.split(separator: ";", omittingEmptySubsequences: false).last ?? address
        let slash = transport == .tcp ? remote.endIndex : remote.firstIndex(of: "/") ?? remote.endIndex
        path = slash == remote.endIndex ? "/" : String(remote[slash...])
        guard let last = remote[..<slash].lastIndex(of: ":"),
            let port = UInt16(remote[remote.index(after: last)..<slash]), port > 0
        else { throw Complaint("\(endpoint): expected a host and a port, 1 to 65535, behind the last colon") }
        var host = remote[..<last]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, host != "*", host != "0.0.0.0", host != "::" else {
            throw Complaint("\(endpoint): an address to bind to; give the one that peers connect to")
        }
        (self.host, self.port) = (String(host), port)
    }

    /// The host and port, as HTTP has them.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension String {
    /// Where `text` begins and ends; nil if it is not there.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
