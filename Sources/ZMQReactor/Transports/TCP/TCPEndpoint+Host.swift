import EventReactor
import Glibc

extension TCPEndpoint: HostAddress {
    func namesHost(for options: SocketOptions) -> Bool {
        guard options.socksProxy == nil, case .name = target.host else { return false }
        return true
    }

    func lookUpHost(for options: SocketOptions, on reactor: Reactor, _ completion: @escaping Found) {
        TCPTransport(address: self).lookUp(target, on: reactor) { found, reason in
            completion(endpoints(at: found, options), EventReason(.unknownHost, reason))
        }
    }

    private func endpoints(at addresses: [SocketAddress], _ options: SocketOptions) -> [any Transport] {
        let wanted = options.usesIPv6 ? AF_INET6 : AF_INET
        let family = addresses.contains { $0.family == wanted } ? wanted : addresses.first?.family
        var endpoints: [TCPEndpoint] = []
        var known: Set<TCPEndpoint> = []
        for address in addresses where address.family == family {
            guard let endpoint = at(address), known.insert(endpoint).inserted else { continue }
            endpoints.append(endpoint)
        }
        return endpoints
    }

    /// The same endpoint with a numeric host.
    private func at(_ address: SocketAddress) -> TCPEndpoint? {
        let text = address.text
        guard let numeric = try? TCPEndpoint(Substring(text), in: "\(Self.scheme)://\(text)") else { return nil }
        return TCPEndpoint(target: TCPAddress(host: numeric.target.host, port: target.port), source: source)
    }
}
