import ZMTP

/// How PGM packets travel.
protocol PGMEncapsulation: Sendable {
    static var scheme: String { get }

    /// The bytes in front of a packet, with those of IP.
    static var headerSize: Int { get }

    /// Whether packets are those of an IP protocol, and not in UDP.
    static var isRaw: Bool { get }
}

/// `epgm`: in UDP, which every process may use.
enum UDPEncapsulation: PGMEncapsulation {
    static var scheme: String { "epgm" }
    static var headerSize: Int { 28 }
    static var isRaw: Bool { false }
}

/// `pgm`: IP protocol 113, see RFC 3208, which needs the capability CAP_NET_RAW.
enum RawEncapsulation: PGMEncapsulation {
    static var scheme: String { "pgm" }
    static var headerSize: Int { 20 }
    static var isRaw: Bool { true }
}

/// A multicast group, reached by PGM. A publisher sends to it, and a subscriber receives from all that do; binding and
/// connecting are the same.
struct MulticastEndpoint<Encapsulation: PGMEncapsulation>: Hashable, Sendable {
    let address: MulticastAddress
}

extension MulticastEndpoint: CustomStringConvertible {
    var description: String { "\(address)" }
}

extension MulticastEndpoint: Transport {
    static var scheme: String { Encapsulation.scheme }
    static var form: String { "interface;group:port" }

    init(_ address: Substring, in endpoint: String) throws(ZMQError) {
        self.address = try MulticastAddress(address, scheme: Encapsulation.scheme, in: endpoint)
    }

    /// Both schemes have the same options.
    static func validate(_ options: SocketOptions) throws(ZMQError) {
        if !Encapsulation.isRaw { try options.validateMulticast() }
    }

    /// The group has no byte streams. Its packets are sent and received on the thread of the socket.
    var byteStreams: (any ByteStreamTransport)? { nil }

    func dialer(
        of host: any ConnectionHost,
        _ options: EndpointOptions,
        in names: () -> InprocRegistry
    ) throws(ZMQError) -> any Dialer {
        let group = try group(for: options)
        return DatagramDialer(group, try group.open())
    }

    func acceptor(
        of host: any ConnectionHost,
        _ options: EndpointOptions,
        in names: () -> InprocRegistry
    ) throws(ZMQError) -> any Acceptor {
        let group = try group(for: options)
        return DatagramAcceptor(group, try group.open())
    }

    private func group(for options: EndpointOptions) throws(ZMQError) -> MulticastGroup {
        try MulticastGroup(
            endpoint: Endpoint(self),
            address: address,
            headerSize: Encapsulation.headerSize,
            isRaw: Encapsulation.isRaw,
            options: options
        )
    }
}

extension Transports {
    /// Those of the package trait `Multicast`.
    static var multicast: [any Transport.Type] {
        #if Multicast
            [MulticastEndpoint<UDPEncapsulation>.self, MulticastEndpoint<RawEncapsulation>.self]
        #else
            []
        #endif
    }

    /// What is to be said of a scheme that is not in this build; nil for others.
    static func missingTrait(of scheme: String) -> String? {
        guard [UDPEncapsulation.scheme, RawEncapsulation.scheme].contains(scheme) else { return nil }
        return "this build has no \(scheme): enable the trait 'Multicast' of the package zmq-reactor"
    }
}

extension SocketOptions {
    fileprivate func validateMulticast() throws(ZMQError) {
        try require(
            (1...100_000_000).contains(multicastRate),
            "multicastRate",
            "1 to 100,000,000 kbit/s",
            multicastRate
        )
        let interval = multicastRecoveryInterval
        try require(
            interval >= .milliseconds(1) && interval <= .seconds(3600),
            "multicastRecoveryInterval",
            "1 ms to 1 h",
            interval
        )
        let bytes = multicastRate * 125 * Int(clamping: interval.components.seconds + 1)
        try require(
            bytes <= Self.largestRecovery,
            "multicastRecoveryInterval",
            "at most the time for 4 GiB at the multicastRate of \(multicastRate) kbit/s",
            interval
        )
        try require(
            (256...65_535).contains(multicastMaxTPDU),
            "multicastMaxTPDU",
            "256 to 65,535 bytes",
            multicastMaxTPDU
        )
    }

    /// The most that a sender keeps for receivers that miss it.
    private static var largestRecovery: Int { 4 << 30 }
}
