/// A way to reach peers: how an address is written, and what opens connections there. Each is the type of its
/// addresses, in a folder of its own, and a row of `Transports.all`.
protocol Transport: EndpointAddress {
    /// The form of an address, for people to read.
    static var form: String { get }

    /// Throws for the first of the transport's own options with an invalid value.
    static func validate(_ options: SocketOptions) throws(ZMQError)

    /// Takes apart what stands behind `://`, which is not empty.
    ///
    /// - Parameter endpoint: all of it, for the error.
    init(_ address: Substring, in endpoint: String) throws(ZMQError)

    /// The address that a listening descriptor of the family is bound to; nil when that is none of this transport's.
    init?(boundTo descriptor: CInt, _ family: CInt) throws(ZMQError)

    /// What opens byte streams there, which can live on any thread; nil for a transport of messages within the program.
    var byteStreams: (any ByteStreamTransport)? { get }

    /// As `byteStreams`, on the reactors of a test's scene, which share a thread.
    var streamsOfScene: (any SessionTransport)? { get }

    /// Whether its connections are byte streams.
    var carriesBytes: Bool { get }

    /// Whether datagrams are exchanged there, with any address.
    var carriesDatagrams: Bool { get }

    /// Throws when the options do not allow for connecting to the address.
    func validateForConnecting(with endpoint: EndpointOptions) throws(ZMQError)

    /// Makes what connects to the address from the thread of the host.
    func dialer(
        of host: any ConnectionHost,
        _ options: EndpointOptions,
        in names: () -> InprocRegistry
    ) throws(ZMQError) -> any Dialer

    /// Makes what listens at the address on the thread of the host.
    func acceptor(
        of host: any ConnectionHost,
        _ options: EndpointOptions,
        in names: () -> InprocRegistry
    ) throws(ZMQError) -> any Acceptor
}

extension Transport {
    static func validate(_ options: SocketOptions) throws(ZMQError) {}
    init?(boundTo descriptor: CInt, _ family: CInt) throws(ZMQError) { return nil }
    var streamsOfScene: (any SessionTransport)? { byteStreams }
    var carriesBytes: Bool { byteStreams != nil }
    var carriesDatagrams: Bool { false }
    func validateForConnecting(with endpoint: EndpointOptions) throws(ZMQError) {}
}
