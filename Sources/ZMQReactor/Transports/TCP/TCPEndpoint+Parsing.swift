extension TCPEndpoint {
    /// Parses what follows `tcp://`: `host:port`, or `source;host:port` where the source is such an address as well.
    init(_ address: Substring, in endpoint: String) throws(ZMQError) {
        let bytes = address.utf8
        if bytes.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
            throw .badEndpoint(endpoint, "a tcp endpoint cannot contain white space or control characters")
        }
        if let semicolon = bytes.firstIndex(of: UInt8(ascii: ";")) {
            source = try TCPAddress(address[..<semicolon], "source ", in: endpoint)
            let rest = address[bytes.index(after: semicolon)...]
            if rest.utf8.contains(UInt8(ascii: ";")) {
                throw .badEndpoint(endpoint, "there is more than one source address")
            }
            target = try TCPAddress(rest, "", in: endpoint)
        } else {
            target = try TCPAddress(address, "", in: endpoint)
        }
    }
}

extension TCPAddress {
    /// Parses `host:port`. `kind` goes before "host" and "port" in the sentence of an error.
    fileprivate init(_ address: Substring, _ kind: String, in endpoint: String) throws(ZMQError) {
        let (host, port) = try Self.split(address, kind, in: endpoint)
        self.host = try TCPHost(host, kind, in: endpoint)
        self.port = try Self.port(port, kind, in: endpoint)
    }

    /// Cuts the address at the colon before the port.
    private static func split(
        _ address: Substring,
        _ kind: String,
        in endpoint: String
    ) throws(ZMQError) -> (host: Substring, port: Substring) {
        let bytes = address.utf8
        var afterHost = bytes.startIndex
        if bytes.first == UInt8(ascii: "[") {
            guard let bracket = bytes.firstIndex(of: UInt8(ascii: "]")) else {
                throw .badEndpoint(endpoint, "the ] after the \(kind)host's IPv6 address is missing")
            }
            afterHost = bytes.index(after: bracket)
            if afterHost < bytes.endIndex, bytes[afterHost] != UInt8(ascii: ":") {
                throw .badEndpoint(endpoint, "only a colon and the \(kind)port can follow the ] of an IPv6 address")
            }
        }
        guard let colon = bytes[afterHost...].firstIndex(of: UInt8(ascii: ":")) else {
            throw .badEndpoint(endpoint, "the \(kind)port is missing")
        }
        let host = address[..<colon]
        let port = address[bytes.index(after: colon)...]
        if afterHost == bytes.startIndex, port.utf8.contains(UInt8(ascii: ":")) {
            throw .badEndpoint(endpoint, "the \(kind)host has more than one colon; write IPv6 addresses in brackets")
        }
        if host.isEmpty { throw .badEndpoint(endpoint, "the \(kind)host is missing") }
        if port.isEmpty { throw .badEndpoint(endpoint, "the \(kind)port is missing") }
        return (host, port)
    }

    /// Parses a port number, or `*`.
    private static func port(_ text: Substring, _ kind: String, in endpoint: String) throws(ZMQError) -> UInt16 {
        if text == "*" { return 0 }
        guard text.utf8.allSatisfy(\.isDigit) else {
            throw .badEndpoint(endpoint, "the \(kind)port \(String(text).quoted) is not a number")
        }
        guard let port = UInt16(text) else {
            throw .badEndpoint(endpoint, "the \(kind)port \(text) is above 65535")
        }
        return port
    }
}

extension TCPHost {
    fileprivate init(_ text: Substring, _ kind: String, in endpoint: String) throws(ZMQError) {
        if text == "*" {
            self = .any
        } else if text.utf8.first == UInt8(ascii: "[") {
            self = try Self.ipv6(Substring(text.utf8.dropFirst().dropLast()), kind, in: endpoint)
        } else if let address = IPv4Address(text) {
            self = .ipv4(address)
        } else {
            self = .name(try Self.name(text, kind, in: endpoint))
        }
    }

    /// Parses what stands between the brackets.
    private static func ipv6(_ text: Substring, _ kind: String, in endpoint: String) throws(ZMQError) -> TCPHost {
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPv6Address(parts[0]) else {
            throw .badEndpoint(endpoint, "the \(kind)host \(String(text).quoted) is not an IPv6 address")
        }
        guard parts.count == 2 else { return .ipv6(address, scope: nil) }
        guard !parts[1].isEmpty, parts[1].utf8.allSatisfy(\.isHostCharacter) else {
            throw .badEndpoint(endpoint, "the scope after % is not the name or number of a network interface")
        }
        return .ipv6(address, scope: String(parts[1]))
    }

    /// Checks the name of a host or a network interface.
    private static func name(_ text: Substring, _ kind: String, in endpoint: String) throws(ZMQError) -> String {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw .badEndpoint(endpoint, "the \(kind)host is not ASCII; write its name in the xn-- form")
        }
        guard text.utf8.allSatisfy(\.isHostCharacter) else {
            throw .badEndpoint(endpoint, "the \(kind)host \(String(text).quoted) has characters no host name can have")
        }
        let name = text.utf8.last == UInt8(ascii: ".") ? Substring(text.utf8.dropLast()) : text
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= 253, labels.allSatisfy({ (1...63).contains($0.utf8.count) }) else {
            throw .badEndpoint(endpoint, "the \(kind)host \(String(text).quoted) is not a host name")
        }
        if labels.allSatisfy({ $0.utf8.allSatisfy(\.isDigit) }) {
            throw .badEndpoint(endpoint, "the \(kind)host \(String(text).quoted) is not an IPv4 address")
        }
        return String(text)
    }
}

extension UInt8 {
    /// Whether this may be part of the name of a host or a network interface.
    fileprivate var isHostCharacter: Bool {
        isLetter || isDigit || self == UInt8(ascii: "-") || self == UInt8(ascii: "_") || self == UInt8(ascii: ".")
    }
}
