import EventReactor

/// A way to reach peers: how an address is written, and what opens connections there. Each is the type of its addresses, in a folder of its
/// own, and a row of `Transports.all`.
protocol Transport: Hashable, Sendable, CustomStringConvertible {
    /// What stands before `://`.
    static var scheme: String { get }

    /// What stands behind it, for people.
    static var form: String { get }

    /// Takes apart what stands behind `://`, which is not empty.
    ///
    /// - Parameter endpoint: all of it, for the error.
    init(_ address: Substring, in endpoint: String) throws(ZMQError)

    /// The address that a listening descriptor of the family is bound to; nil when that is none of this transport's.
    init?(boundTo descriptor: CInt, _ family: CInt) throws(ZMQError)

    /// Why a socket cannot be bound to the address; nil when it can.
    var obstacleToBinding: String? { get }

    /// Why a socket cannot connect to the address; nil when it can.
    var obstacleToConnecting: String? { get }

    /// What opens byte streams there, which can live on any thread; nil for a transport of messages within the program.
    var byteStreams: (any ByteStreamTransport)? { get }

    /// Makes what connects to the address from the thread of the host.
    func dialer(of host: any ConnectionHost, _ options: EndpointOptions, in names: () -> InprocRegistry) -> any Dialer

    /// Makes what listens at the address on the thread of the host.
    func acceptor(
        of host: any ConnectionHost,
        _ options: EndpointOptions,
        in names: () -> InprocRegistry
    ) throws(ZMQError) -> any Acceptor
}

extension Transport {
    init?(boundTo descriptor: CInt, _ family: CInt) throws(ZMQError) { return nil }

    var obstacleToBinding: String? { nil }
    var obstacleToConnecting: String? { nil }

    func isEqual(to other: any Transport) -> Bool { self == other as? Self }
}

/// The transports: the one list of them.
enum Transports {
    static let all: [any Transport.Type] = [TCPEndpoint.self, IPCEndpoint.self, InprocName.self]

    /// Schemes that other implementations have, and this one has not.
    private static let unsupported = ["pgm", "epgm", "norm", "udp", "ws", "wss", "vmci", "tipc", "vsock", "hyperv"]

    static func named(_ scheme: Substring) -> (any Transport.Type)? { all.first { $0.scheme == scheme } }

    /// An endpoint, for an error that says what one looks like.
    static var example: String { "\(all[0].scheme)://\(all[0].form)" }

    /// The sentence for a scheme of no transport.
    static func explain(scheme: Substring) -> String {
        guard !unsupported.contains(String(scheme)) else { return "the transport \(scheme) is not supported" }
        let schemes = all.map { $0.scheme }
        let list = "\(schemes.dropLast().joined(separator: ", ")) and \(schemes[schemes.count - 1])"
        return "unknown scheme \(String(scheme).quoted); \(list) are supported"
    }
}
