extension PeerProcess {
    /// Starts pyzmq's handler of ZAP, `zmq.auth.thread.ThreadAuthenticator`, for all sockets of the process whose domain
    /// is empty, and for NULL, which needs one. Call it before a server binds or connects.
    ///
    /// - Parameters:
    ///   - denied: addresses that are refused, whatever their credentials.
    ///   - passwords: by user, for PLAIN.
    ///   - keys: public keys in Z85, for CURVE; pyzmq reads them from certificate files.
    public func authenticate(
        denied: [String] = [],
        passwords: [String: String] = [:],
        keys: [String] = []
    ) throws {
        var command = PeerCommand("authenticate")
        (command.denied, command.passwords, command.keys) = (denied, passwords, keys)
        try start(command) { _ in }.value()
    }
}
