/// Certificates and keys of `wss` endpoints. All files are PEM.
public struct TLSSettings: Sendable, Hashable {
    /// The file with this side's certificate, followed by those that lead from it to an authority. A bound endpoint
    /// needs one; a connecting socket, where the server asks for it. Default nil.
    public var certificateFile: String?

    /// The file with the private key of the certificate, without a passphrase. Default nil.
    public var privateKeyFile: String?

    /// The file with the authorities whose certificates are accepted; nil for those of the system. Default nil.
    public var authoritiesFile: String?

    /// Whether a bound endpoint accepts only clients with a certificate of one of the authorities. Default false.
    public var requiresClientCertificate = false

    /// The name or address that the server's certificate must have; nil for the host of the endpoint. Default nil.
    public var serverName: String?

    /// The defaults, as documented at each property.
    public init() {}
}
