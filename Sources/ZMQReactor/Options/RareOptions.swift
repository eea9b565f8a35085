public import ZMTP

/// The values of options that few sockets set. Options are copied for each connection, and every field with a reference
/// is counted each time: these are one reference, and none where all of them are the default.
final class RareOptions: Sendable {
    /// A new option is one more row here, and a property of ``SocketOptions``.
    struct Values: Sendable, Equatable {
        var bindToDevice: String?
        var socksProxy: String?
        var socksUser: String?
        var socksPassword: Password?
        var webSocketOrigins: Set<String>?
        var tls = TLSSettings()
        var ipcAllowedUsers: Set<UInt32> = []
        var ipcAllowedGroups: Set<UInt32> = []
        var ipcAllowedProcesses: Set<Int32> = []
        var ipcSharesMemory = true
    }

    static let defaults = Values()

    let values: Values

    fileprivate init(_ values: Values) { self.values = values }
}

extension RareOptions: Equatable {
    static func == (one: RareOptions, other: RareOptions) -> Bool { one === other || one.values == other.values }
}

extension SocketOptions {
    private mutating func setRare<Value>(_ path: WritableKeyPath<RareOptions.Values, Value>, _ value: Value) {
        var values = rare?.values ?? RareOptions.defaults
        values[keyPath: path] = value
        rare = values == RareOptions.defaults ? nil : RareOptions(values)
    }

    // MARK: tcp

    /// The network interface that tcp connections must go through, see socket(7), SO_BINDTODEVICE; nil for any.
    public var bindToDevice: String? {
        get { rare?.values.bindToDevice }
        set { setRare(\.bindToDevice, newValue) }
    }

    /// The SOCKS5 proxy (RFC 1928) for tcp connections, as `host:port`; nil for none. The proxy then looks up the names
    /// in endpoints.
    public var socksProxy: String? {
        get { rare?.values.socksProxy }
        set { setRare(\.socksProxy, newValue) }
    }

    /// The user name for the proxy (RFC 1929), 1 to 255 bytes, if it requires one; nil for none. It is sent in the
    /// clear.
    public var socksUser: String? {
        get { rare?.values.socksUser }
        set { setRare(\.socksUser, newValue) }
    }

    /// The password for ``socksUser``, up to 255 bytes; nil for an empty one.
    public var socksPassword: Password? {
        get { rare?.values.socksPassword }
        set { setRare(\.socksPassword, newValue) }
    }

    // MARK: ws and wss

    /// The pages whose scripts may connect to a bound WebSocket endpoint, as browsers name them in `Origin`, such as
    /// `https://example.org`; nil for all. A browser lets scripts of any page connect to any address, with the rights
    /// of the computer that it runs on. Clients that are no browsers send no origin, and are accepted. Default nil.
    public var webSocketOrigins: Set<String>? {
        get { rare?.values.webSocketOrigins }
        set { setRare(\.webSocketOrigins, newValue) }
    }

    /// Certificates and keys of `wss` endpoints. The files are checked by bind and connect; connections made after they
    /// have been replaced use the new ones.
    public var tls: TLSSettings {
        get { rare?.values.tls ?? TLSSettings() }
        set { setRare(\.tls, newValue) }
    }

    // MARK: ipc

    /// The users, groups and processes that may connect to a bound ipc endpoint; see unix(7), SO_PEERCRED. A peer in
    /// any of the three sets is accepted; if all are empty, which is the default, every peer is.
    public var ipcAllowedUsers: Set<UInt32> {
        get { rare?.values.ipcAllowedUsers ?? [] }
        set { setRare(\.ipcAllowedUsers, newValue) }
    }

    /// The primary groups whose processes may connect to a bound ipc endpoint; see `ipcAllowedUsers`.
    public var ipcAllowedGroups: Set<UInt32> {
        get { rare?.values.ipcAllowedGroups ?? [] }
        set { setRare(\.ipcAllowedGroups, newValue) }
    }

    /// The processes that may connect to a bound ipc endpoint; see `ipcAllowedUsers`.
    public var ipcAllowedProcesses: Set<Int32> {
        get { rare?.values.ipcAllowedProcesses ?? [] }
        set { setRare(\.ipcAllowedProcesses, newValue) }
    }

    /// Whether an ipc connection moves from its socket to memory that both processes share, where the other end can do
    /// that, too: it is this library, has not switched this off, and belongs to the same user. Everything else stays as
    /// it is, and a connection for which it is not possible stays with the socket. A connection that has been busy takes
    /// a mebibyte, and a reactor has at most 128 of these. See <doc:SharedMemory>. Default true.
    public var ipcSharesMemory: Bool {
        get { rare?.values.ipcSharesMemory ?? true }
        set { setRare(\.ipcSharesMemory, newValue) }
    }
}
