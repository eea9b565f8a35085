import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Security.md shows.
enum SecurityPage {
    static func keys() throws {
        let keys = try CurveKeyPair()
        print("public:", keys.publicKey.z85)
        print("secret:", keys.secretKey.exportedZ85())
    }

    static func server(_ reactor: Reactor, _ context: Context, secretText: String, names: [CurvePublicKey: String])
        throws
    {
        let keys = try CurveKeyPair(secretKey: CurveSecretKey(z85: secretText))
        let authenticator = Authenticator { request in
            guard case .curve(let key) = request.credentials, let name = names[key] else { return .refuse() }
            return .accept(userID: name)
        }
        var options = SocketOptions()
        options.security = try .curveServer(keys, authenticator: authenticator)
        let server = try RouterSocket(on: reactor, in: context, options: options)
        try server.bind("tcp://*:5555")
    }

    static func client(_ reactor: Reactor, _ context: Context, keys: CurveKeyPair, serverText: String) throws {
        var options = SocketOptions()
        options.security = try .curveClient(keys, serverKey: CurvePublicKey(z85: serverText))
        let client = try DealerSocket(on: reactor, in: context, options: options)
        try client.connect("tcp://server.example:5555")
    }

    static func later(_ isKnown: @escaping @Sendable (CurvePublicKey) async throws -> Bool) {
        let authenticator = Authenticator.async { request in
            guard case .curve(let key) = request.credentials else { return .refuse() }
            return try await isKnown(key) ? .accept(userID: key.z85) : .refuse("an unknown key")
        }
        _ = authenticator
    }
}
