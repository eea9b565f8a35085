/// The names under which the page may be asked for.
///
/// A page of the internet can let a name of its own lead to 127.0.0.1 and then read what it asks for there (DNS
/// rebinding). The browser names that host in its request: on a loopback address, only the names of the loopback
/// interface are served, and those that the application adds.
struct AllowedHosts {
    /// Nil for all.
    private let names: Set<String>?

    /// - Parameters:
    ///   - endpoint: the resolved endpoint that the page is bound to.
    ///   - added: further names, without a port.
    init(endpoint: String, adding added: [String]) {
        guard added.isEmpty, !Self.isLocal(endpoint) else {
            names = Set(["localhost"] + added.map { $0.lowercased() })
            return
        }
        names = nil
    }

    /// Whether only programs of this machine can connect.
    private static func isLocal(_ endpoint: String) -> Bool {
        guard let address = endpoint.split(separator: "//", maxSplits: 1).last, endpoint.hasPrefix("tcp://") else {
            return true
        }
        return isLoopbackAddress(name(in: String(address)))
    }

    private static func isLoopbackAddress(_ name: String) -> Bool {
        if name == "[::1]" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The name in `name:port`, in lower case. An IPv6 address keeps its brackets.
    private static func name(in host: String) -> String {
        let host = host.lowercased()
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") { return String(host[...end]) }
        return String(host.prefix { $0 != ":" })
    }

    /// - Parameter host: of a request; nil for one without, which no browser sends.
    func contains(_ host: String?) -> Bool {
        guard let names, let host else { return true }
        let name = Self.name(in: host)
        return Self.isLoopbackAddress(name) || names.contains(name)
    }
}
