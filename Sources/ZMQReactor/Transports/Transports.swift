import ZMTP

/// The transports: the only list of them.
enum Transports {
    static let all: [any Transport.Type] =
        [
            TCPEndpoint.self, IPCEndpoint.self, WebSocketEndpoint.self, SecureWebSocketEndpoint.self, InprocName.self,
            UDPEndpoint.self,
        ] + multicast

    /// The one of tests, which has no effect but on the reactors of a scene.
    private static let memory: any Transport.Type = MemoryName.self

    /// Schemes of other implementations that this one does not have.
    private static let unsupported = ["norm", "vmci", "tipc", "vsock", "hyperv"]

    /// Parses an endpoint string; the error names it and says what is wrong.
    static func parse(_ endpoint: String) throws(ZMQError) -> any Transport {
        let (scheme, address) = try split(endpoint)
        guard let transport = all.first(where: { $0.scheme == scheme }) ?? (scheme == memory.scheme ? memory : nil)
        else {
            throw ZMQError(.protocolNotSupported, explain(scheme: scheme), endpoint: endpoint)
        }
        return try transport.init(address, in: endpoint)
    }

    /// The address of a listening descriptor of the family; nil when no transport has such addresses.
    static func address(boundTo descriptor: CInt, _ family: CInt) throws(ZMQError) -> (any Transport)? {
        for transport in all {
            if let address = try transport.init(boundTo: descriptor, family) { return address }
        }
        return nil
    }

    /// Throws for the first option with an invalid value, those of transports included; the error names both.
    static func validate(_ options: SocketOptions, for type: SocketType) throws(ZMQError) {
        try options.validate(for: type)
        // By index: a loop over the elements counts a reference to the array.
        for index in all.indices { try all[index].validate(options) }
    }

    /// An endpoint, for an error that says what one looks like.
    static var example: String { "\(all[0].scheme)://\(all[0].form)" }

    /// The sentence for a scheme of no transport.
    private static func explain(scheme: Substring) -> String {
        if let explanation = missingTrait(of: String(scheme)) { return explanation }
        guard !unsupported.contains(String(scheme)) else { return "the transport \(scheme) is not supported" }
        let schemes = all.map { $0.scheme }
        let list = "\(schemes.dropLast().joined(separator: ", ")) and \(schemes[schemes.count - 1])"
        return "unknown scheme \(String(scheme).quoted); \(list) are supported"
    }
}

extension Endpoint {
    /// Parses an endpoint string; the error names it and says what is wrong.
    init(_ string: String) throws(ZMQError) { self.init(try Transports.parse(string)) }
}

extension SocketOptions {
    /// Throws for the first option with an invalid value; the error names both. As a DEALER does, to which all options
    /// apply.
    package func check() throws(ZMQError) { try Transports.validate(self, for: .dealer) }
}
