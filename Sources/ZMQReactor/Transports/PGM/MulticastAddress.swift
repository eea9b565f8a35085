/// What stands behind `pgm://` and `epgm://`: `interface;group:port`.
///
/// The interface is a name or a local address, and may be left out, with its semicolon or without. Several groups, with
/// commas between them, are all received from; a sender sends to the first.
struct MulticastAddress: Hashable, Sendable {
    /// nil for the one that the system's routes lead to.
    let interface: String?
    /// Not empty.
    let groups: [IPv4Address]
    let port: UInt16

    /// The most groups, which is the system's default limit for one socket.
    private static let mostGroups = 20

    /// - Parameter scheme: for errors.
    init(_ address: Substring, scheme: String, in endpoint: String) throws(ZMQError) {
        guard address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .badEndpoint(
                endpoint,
                "a \(scheme) endpoint cannot contain white space, control or non-ASCII characters"
            )
        }
        guard let colon = address.utf8.lastIndex(of: UInt8(ascii: ":")) else {
            throw .badEndpoint(
                endpoint,
                "the port is missing; a \(scheme) endpoint looks like \(scheme)://eth0;239.192.1.1:5555"
            )
        }
        port = try Self.port(address[address.utf8.index(after: colon)...], in: endpoint)
        var rest = address[..<colon]
        if let semicolon = rest.utf8.firstIndex(of: UInt8(ascii: ";")) {
            let name = rest[..<semicolon]
            interface = name.isEmpty ? nil : String(name)
            rest = rest[rest.utf8.index(after: semicolon)...]
        } else {
            interface = nil
        }
        if rest.isEmpty { throw .badEndpoint(endpoint, "the multicast group is missing") }
        var groups: [IPv4Address] = []
        for text in rest.split(separator: ",", omittingEmptySubsequences: false) {
            groups.append(try Self.group(text, in: endpoint))
        }
        guard groups.count <= Self.mostGroups else {
            throw .badEndpoint(
                endpoint,
                "there are \(groups.count) multicast groups; at most \(Self.mostGroups) are allowed"
            )
        }
        self.groups = groups
    }

    private static func port(_ text: Substring, in endpoint: String) throws(ZMQError) -> UInt16 {
        if text.isEmpty { throw .badEndpoint(endpoint, "the port is missing") }
        guard text.utf8.allSatisfy(\.isDigit), let port = UInt16(text), port > 0 else {
            throw .badEndpoint(endpoint, "the port \(String(text).quoted) is not a number of 1 to 65535")
        }
        return port
    }

    private static func group(_ text: Substring, in endpoint: String) throws(ZMQError) -> IPv4Address {
        guard let group = IPv4Address(text), group.isMulticast else {
            let reason =
                "\(String(text).quoted) is not a multicast group, an IPv4 address of 224.0.0.0 to 239.255.255.255"
            throw .badEndpoint(endpoint, reason)
        }
        return group
    }
}

extension MulticastAddress: CustomStringConvertible {
    var description: String {
        let list = groups.map(\.description).joined(separator: ",")
        return "\(interface.map { "\($0);" } ?? "")\(list):\(port)"
    }
}

extension IPv4Address {
    /// Whether it is a group's, see RFC 1112.
    var isMulticast: Bool { bits >> 28 == 0xE }
}
