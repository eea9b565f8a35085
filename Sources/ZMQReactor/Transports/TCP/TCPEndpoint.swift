/// The address of a tcp endpoint: where to, and optionally where from.
struct TCPEndpoint: Hashable, Sendable {
    /// The address to bind or connect to.
    var target: TCPAddress

    /// The local address to connect from; `nil` leaves the choice to the system.
    var source: TCPAddress?
}

/// A host and a port, `host:port`.
struct TCPAddress: Hashable, Sendable {
    var host: TCPHost

    /// The port; 0, written `*` or `0`, is a free port of the system's choice.
    var port: UInt16

    /// Whether the system chooses the port.
    var isEphemeral: Bool { port == 0 }
}

/// The host part of a tcp address.
enum TCPHost: Hashable, Sendable {
    /// `*`: every local address.
    case any
    /// A numeric IPv4 address.
    case ipv4(IPv4Address)
    /// A numeric IPv6 address, written in brackets, with the scope (`%eth0`) that a link-local address needs.
    case ipv6(IPv6Address, scope: String?)
    /// A name: of a host, or, where a local address is wanted, of a network interface.
    case name(String)
}

extension TCPEndpoint: CustomStringConvertible {
    /// What stands after `tcp://`.
    var description: String {
        if let source { "\(source);\(target)" } else { "\(target)" }
    }
}

extension TCPAddress: CustomStringConvertible {
    var description: String { isEphemeral ? "\(host):*" : "\(host):\(port)" }
}

extension TCPHost: CustomStringConvertible {
    var description: String {
        switch self {
        case .any: "*"
        case .ipv4(let address): "\(address)"
        case .ipv6(let address, nil): "[\(address)]"
        case .ipv6(let address, let scope?): "[\(address)%\(scope)]"
        case .name(let name): name
        }
    }
}
