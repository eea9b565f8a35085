import EventReactor
import ZMTP

/// What a socket's udp endpoint is: where it is, and what holds for it.
struct UDPRoute: DatagramRoute {
    /// What a socket does with datagrams.
    enum Use { case sendsToGroups, receivesFromGroups, exchanges }

    let address: UDPEndpoint
    let options: EndpointOptions
    let use: Use
    /// Where to, once the name has been looked up.
    private(set) var remote: SocketAddress?

    /// - Throws: `incompatibleProtocol` for a socket of another type, or one that is to be secure.
    init(to address: UDPEndpoint, _ options: EndpointOptions) throws(ZMQError) {
        (self.address, self.options) = (address, options)
        try options.requireDatagrams([.radio, .dish, .dgram], at: Endpoint(address))
        use =
            switch options.profile.type {
            case .radio: .sendsToGroups
            case .dish: .receivesFromGroups
            default: .exchanges
            }
    }

    private init(_ other: UDPRoute, at address: UDPEndpoint? = nil, to remote: SocketAddress? = nil) {
        (self.address, options, use) = (address ?? other.address, other.options, other.use)
        self.remote = remote
    }

    var endpoint: Endpoint { Endpoint(address) }

    var peer: Peer {
        let type: SocketType =
            switch use {
            case .sendsToGroups: .dish
            case .receivesFromGroups: .radio
            case .exchanges: .dgram
            }
        return Peer(version: .v3_1, socketType: type)
    }

    var peerDescription: PeerDescription { PeerDescription(remote?.text ?? "\(address.target)") }

    /// Whether datagrams are received in pieces of several: a mark, if there is one, may be exceeded by those of one.
    var mergesReceived: Bool {
        let mark = options.options.receiveHighWaterMark
        return mark == 0 || mark >= UDPBuffers.merged
    }

    /// Binds, and returns the route with the port that the system has chosen.
    func bound() throws(ZMQError) -> (UDPRoute, DatagramDescriptor) {
        let descriptor = try open()
        guard let port = SocketAddress(localEndOf: descriptor.descriptor)?.port else { return (self, descriptor) }
        return (UDPRoute(self, at: address.at(port: UInt16(port))), descriptor)
    }

    func lookUp(on reactor: Reactor, _ completion: @escaping ([any DatagramRoute], EventReason) -> Void) {
        let (transport, options) = (TCPTransport(address: TCPEndpoint(target: located), as: endpoint), options.options)
        transport.lookUp(located, on: reactor) { found, reason in
            let routes = TCPTransport.sorted(found, options).map { UDPRoute(self, to: $0) }
            completion(routes, EventReason(.unknownHost, reason))
        }
    }

    /// The target, with the scope that groups of IPv6 need.
    var located: TCPAddress {
        guard case .ipv6(let host, nil) = address.target.host, address.target.host.isGroup,
            let index = try? interfaceIndex(), index > 0
        else { return address.target }
        return TCPAddress(host: .ipv6(host, scope: "\(index)"), port: address.target.port)
    }

    func link(
        on descriptor: DatagramDescriptor,
        for pipe: Pipe,
        _ observer: SocketObserver,
        owner: any DatagramLinkOwner
    ) -> DatagramLink {
        UDPLink(self, on: descriptor, for: pipe, observer, owner: owner)
    }
}
