/// Where a socket is bound or connected: an endpoint string, parsed once.
///
/// Parsing checks everything that the string alone can tell. What depends on the use is checked by
/// ``validateForBinding()`` and ``validateForConnecting()``; what depends on the machine (names, interfaces, files)
/// when a connection is opened. ``description`` is the canonical form: equal endpoints have equal descriptions, and
/// parsing a description gives the endpoint back.
struct Endpoint: Sendable {
    let address: any EndpointAddress

    init(_ address: some EndpointAddress) { self.address = address }

    var scheme: String { type(of: address).scheme }

    /// Throws unless a socket can be bound to this endpoint.
    func validateForBinding() throws(ZMQError) {
        try address.validateForBinding()
    }

    /// Throws unless a socket can be connected to this endpoint.
    func validateForConnecting() throws(ZMQError) {
        try address.validateForConnecting()
    }
}

extension Endpoint: Hashable {
    static func == (one: Endpoint, other: Endpoint) -> Bool { one.address.isEqual(to: other.address) }

    func hash(into hasher: inout Hasher) { address.hash(into: &hasher) }
}

extension Endpoint: CustomStringConvertible {
    /// The canonical endpoint string.
    var description: String { "\(scheme)://\(address)" }
}
