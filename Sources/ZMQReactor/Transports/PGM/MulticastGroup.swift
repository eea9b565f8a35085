import ZMTP

/// What a socket's endpoint of a multicast group is: where it is, and what holds for it.
struct MulticastGroup: DatagramRoute {
    let endpoint: Endpoint
    let address: MulticastAddress
    /// The bytes in front of a packet.
    let headerSize: Int
    let isRaw: Bool
    let options: EndpointOptions

    /// - Throws: `incompatibleProtocol` for a socket that neither publishes nor subscribes, or that is to be secure.
    init(
        endpoint: Endpoint,
        address: MulticastAddress,
        headerSize: Int,
        isRaw: Bool,
        options: EndpointOptions
    ) throws(ZMQError) {
        (self.endpoint, self.address, self.headerSize, self.isRaw) = (endpoint, address, headerSize, isRaw)
        self.options = options
        try options.requireDatagrams([.pub, .xpub, .sub, .xsub], at: endpoint)
    }

    /// Whether it is sent to, and not received from.
    var isSender: Bool { options.profile.type.takesSubscriptions }

    /// The group, as the peer of the socket.
    var peer: Peer { Peer(version: .v3_1, socketType: isSender ? .sub : .pub) }

    var peerDescription: PeerDescription { PeerDescription("\(address.groups[0]):\(address.port)") }

    /// The size of the largest packet.
    var packetSize: Int { options.options.multicastMaxTPDU - headerSize }

    /// The rate of a sender in bytes per second.
    var bytesPerSecond: Int { options.options.multicastRate * 125 }

    var recoveryNanoseconds: Int64 { max(options.options.multicastRecoveryInterval.roundedUpNanoseconds, 1) }

    /// The packets of the recovery interval.
    var window: Int {
        let bytes = Int(Double(bytesPerSecond) * Double(recoveryNanoseconds) / 1e9)
        return max(bytes / options.options.multicastMaxTPDU, 1)
    }

    func link(
        on descriptor: DatagramDescriptor,
        for pipe: Pipe,
        _ observer: SocketObserver,
        owner: any DatagramLinkOwner
    ) -> DatagramLink {
        isSender
            ? MulticastSendingLink(self, on: descriptor, for: pipe, observer, owner: owner)
            : MulticastReceivingLink(self, on: descriptor, for: pipe, observer, owner: owner)
    }
}
