/// The address of a Unix domain socket.
enum IPCEndpoint: Hashable, Sendable {
    /// A path in the file system, absolute or relative to the working directory.
    case path(String)
    /// A name in Linux's abstract namespace, without the `@` it is written with.
    case abstract(String)
    /// `*`: a fresh path of the listener's choice.
    case wildcard
}

extension IPCEndpoint {
    /// Parses what follows `ipc://`. A file whose name starts with `@` or is `*` is reached as `./@name` and `./*`.
    init(_ address: Substring, in endpoint: String) throws(ZMQError) {
        let length = address.utf8.count
        guard length <= SocketAddress.longestPath else {
            let reason = "the path has \(length) bytes; at most \(SocketAddress.longestPath) are allowed"
            throw ZMQError(.nameTooLong, reason, endpoint: endpoint)
        }
        if address == "*" {
            self = .wildcard
        } else if address.utf8.first == UInt8(ascii: "@") {
            let name = String(Substring(address.utf8.dropFirst()))
            if name.isEmpty { throw .badEndpoint(endpoint, "the abstract name after @ is missing") }
            self = .abstract(name)
        } else {
            self = .path(String(address))
        }
    }
}

extension IPCEndpoint: CustomStringConvertible {
    /// What stands after `ipc://`.
    var description: String {
        switch self {
        case .path(let path): path
        case .abstract(let name): "@\(name)"
        case .wildcard: "*"
        }
    }
}
