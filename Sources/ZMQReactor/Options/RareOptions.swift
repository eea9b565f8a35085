/// Options that are the default for most sockets, which then have none of these. It is immutable, and shared by copies.
final class RareOptions: Sendable {
    let webSocketOrigins: Set<String>?
    let tls: TLSSettings

    fileprivate init(webSocketOrigins: Set<String>?, tls: TLSSettings) {
        (self.webSocketOrigins, self.tls) = (webSocketOrigins, tls)
    }

    /// nil when all are the default.
    fileprivate static func sharing(webSocketOrigins: Set<String>?, tls: TLSSettings) -> RareOptions? {
        guard webSocketOrigins != nil || tls != TLSSettings() else { return nil }
        return RareOptions(webSocketOrigins: webSocketOrigins, tls: tls)
    }
}

extension RareOptions: Equatable {
    static func == (one: RareOptions, other: RareOptions) -> Bool {
        one === other || one.webSocketOrigins == other.webSocketOrigins && one.tls == other.tls
    }
}

extension SocketOptions {
    /// The pages whose scripts may connect to a bound WebSocket endpoint, as browsers name them in `Origin`, such as
    /// `https://example.org`; nil for all. A browser lets scripts of any page connect to any address, with the rights
    /// of the computer that it runs on. Clients that are no browsers send no origin, and are accepted. Default nil.
    public var webSocketOrigins: Set<String>? {
        get { rare?.webSocketOrigins }
        set { rare = .sharing(webSocketOrigins: newValue, tls: tls) }
    }

    /// Certificates and keys of `wss` endpoints. The files are checked by bind and connect; connections made after they
    /// have been replaced use the new ones.
    public var tls: TLSSettings {
        get { rare?.tls ?? TLSSettings() }
        set { rare = .sharing(webSocketOrigins: webSocketOrigins, tls: newValue) }
    }
}
