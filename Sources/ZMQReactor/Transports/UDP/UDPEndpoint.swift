/// The address of a udp endpoint: `host:port`, `group:port` or `interface;group:port`.
struct UDPEndpoint: Hashable, Sendable {
    /// The network interface of a multicast group: its name, or a local address; nil for the one that the system's
    /// routes lead to.
    let interface: String?
    let target: TCPAddress
}

extension UDPEndpoint {
    /// Parses what follows `udp://`.
    init(_ address: Substring, in endpoint: String) throws(ZMQError) {
        guard address.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw .badEndpoint(endpoint, "a udp endpoint cannot contain white space or control characters")
        }
        guard let semicolon = address.utf8.firstIndex(of: UInt8(ascii: ";")) else {
            interface = nil
            target = try TCPEndpoint(address, in: endpoint).target
            return
        }
        let (name, rest) = (address[..<semicolon], address[address.utf8.index(after: semicolon)...])
        guard !rest.utf8.contains(UInt8(ascii: ";")) else {
            throw .badEndpoint(endpoint, "there is more than one network interface")
        }
        target = try TCPEndpoint(rest, in: endpoint).target
        guard target.host.isGroup else {
            throw .badEndpoint(endpoint, "a multicast group follows a network interface, and \(target.host) is none")
        }
        guard !name.isEmpty else { throw .badEndpoint(endpoint, "the network interface before the ; is missing") }
        interface = name == "*" ? nil : String(name)
    }

    /// The same with another port.
    func at(port: UInt16) -> UDPEndpoint {
        UDPEndpoint(interface: interface, target: TCPAddress(host: target.host, port: port))
    }
}

extension UDPEndpoint: CustomStringConvertible {
    /// What stands after `udp://`.
    var description: String { "\(interface.map { "\($0);" } ?? "")\(target)" }
}

extension TCPHost {
    /// Whether it is the address of a multicast group.
    var isGroup: Bool {
        switch self {
        case .ipv4(let address): address.isMulticast
        case .ipv6(let address, _): address.high >> 56 == 0xFF
        case .any, .name: false
        }
    }
}
