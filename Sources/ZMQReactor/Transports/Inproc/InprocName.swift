/// A name within the program, of one context.
struct InprocName: Hashable, Sendable {
    let name: String

    /// Longest name, in bytes.
    static let longest = 256
}

extension InprocName: CustomStringConvertible {
    var description: String { name }
}

extension InprocName: Transport {
    static var scheme: String { "inproc" }
    static var form: String { "name" }

    init(_ name: Substring, in endpoint: String) throws(ZMQError) {
        let length = name.utf8.count
        guard length <= Self.longest else {
            let reason = "the inproc name has \(length) bytes; at most \(Self.longest) are allowed"
            throw ZMQError(.nameTooLong, reason, endpoint: endpoint)
        }
        self.name = String(name)
    }

    var byteStreams: (any ByteStreamTransport)? { nil }

    func dialer(of host: any ConnectionHost, _ options: EndpointOptions, in names: () -> InprocRegistry) -> any Dialer {
        InprocDialer(self, in: names(), of: host, options)
    }

    func acceptor(
        of host: any ConnectionHost,
        _ options: EndpointOptions,
        in names: () -> InprocRegistry
    ) throws(ZMQError) -> any Acceptor {
        try InprocAcceptor(self, in: names(), of: host, options)
    }
}

extension Endpoint {
    static func inproc(_ name: String) -> Endpoint { Endpoint(InprocName(name: name)) }
}
