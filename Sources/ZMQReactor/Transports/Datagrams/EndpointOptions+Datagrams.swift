import ZMTP

extension EndpointOptions {
    /// Throws `incompatibleProtocol` unless the socket is of one of these types, and has no security: a transport of
    /// datagrams, whose endpoint this is, has no handshake.
    func requireDatagrams(_ types: [SocketType], at endpoint: Endpoint) throws(ZMQError) {
        guard types.contains(profile.type) else {
            let names = types.dropLast().map { "\($0)" }.joined(separator: ", ")
            throw ZMQError(
                .incompatibleProtocol,
                "\(endpoint.scheme) is for \(names) and \(types.last!), and not for \(profile.type)",
                endpoint: "\(endpoint)"
            )
        }
        guard options.security == .none else {
            throw ZMQError(
                .incompatibleProtocol,
                "\(endpoint.scheme) has no security mechanism: any host on the network can read and send",
                endpoint: "\(endpoint)"
            )
        }
    }
}
