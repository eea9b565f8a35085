/// Where a socket is bound or connected: an endpoint string, parsed once.
///
/// Parsing checks everything that the string alone can tell. What depends on the use is checked by
/// ``validateForBinding()`` and ``validateForConnecting()``; what depends on the machine (names, interfaces, files) by
/// the transport. ``description`` is the canonical form: equal endpoints have equal descriptions, and parsing a
/// description gives the endpoint back.
enum Endpoint: Hashable, Sendable {
    /// `tcp://host:port`
    case tcp(TCPEndpoint)
    /// `ipc://path`
    case ipc(IPCEndpoint)
    /// `inproc://name`
    case inproc(String)
}

extension Endpoint {
    /// Longest `inproc` name, in bytes.
    static let longestInprocName = 256

    /// Parses an endpoint string; the error names it and says what is wrong.
    init(_ string: String) throws(ZMQError) {
        let (scheme, address) = try Self.split(string)
        switch scheme {
        case "tcp":
            self = .tcp(try TCPEndpoint(address, in: string))
        case "ipc":
            self = .ipc(try IPCEndpoint(address, in: string))
        case "inproc":
            self = .inproc(try Self.inprocName(address, in: string))
        default:
            throw ZMQError(.protocolNotSupported, Self.explain(scheme: scheme), endpoint: string)
        }
    }

    /// Throws unless a socket can be bound to this endpoint.
    func validateForBinding() throws(ZMQError) {
        guard case .tcp(let tcp) = self else { return }
        if tcp.source != nil {
            throw .badEndpoint(description, "a source address is for connecting; bind takes a single address")
        }
    }

    /// Throws unless a socket can be connected to this endpoint.
    func validateForConnecting() throws(ZMQError) {
        switch self {
        case .tcp(let tcp):
            if tcp.target.host == .any {
                throw .badEndpoint(description, "cannot connect to the wildcard host *; name a host")
            }
            if tcp.target.isEphemeral {
                throw .badEndpoint(description, "cannot connect to port 0 or *; name a port from 1 to 65535")
            }
        case .ipc(let ipc):
            if ipc == .wildcard {
                throw .badEndpoint(description, "cannot connect to the wildcard path *; name a path")
            }
        case .inproc:
            break
        }
    }
}

extension Endpoint: CustomStringConvertible {
    /// The canonical endpoint string.
    var description: String {
        switch self {
        case .tcp(let endpoint): "tcp://\(endpoint)"
        case .ipc(let endpoint): "ipc://\(endpoint)"
        case .inproc(let name): "inproc://\(name)"
        }
    }
}
