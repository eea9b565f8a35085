// The security mechanisms, a row for each side of each. The row names it and begins a handshake; the rules are in the
// handshake's own file, and the cases of `Handshake` are the only other place where a new one is added.
//
//   G-8  A socket has one mechanism; it is not negotiated.
//   D-2  Versions without mechanisms are spoken with NULL only, and only if nothing has to be authenticated: with any
//        other mechanism they would be a way around it.

/// One side of a security mechanism, as a socket is set up for it.
package final class Mechanism: Sendable {
    /// The side of this socket, whichever side of the connection it is.
    package enum Role: Sendable {
        /// Both sides are the same.
        case equal
        case client, server
    }

    /// The greeting of the socket's connections.
    let greeting: Greeting
    /// The side.
    package let role: Role
    /// Whether peers of a version without mechanisms may connect (D-2).
    let isOpenToLegacyPeers: Bool
    /// Replaces keys that must not live longer than a minute, for a caller that has a clock. A handshake in progress
    /// survives one replacement.
    package let replaceKeys: @Sendable () -> Void
    /// Begins a handshake: appends what this side sends unprompted.
    let begin: @Sendable (HandshakeProfile, _ output: inout [UInt8]) throws(ProtocolError) -> Handshake

    init(
        _ name: StaticString,
        _ role: Role,
        isOpenToLegacyPeers: Bool = false,
        replaceKeys: @escaping @Sendable () -> Void = {},
        begin: @escaping @Sendable (HandshakeProfile, inout [UInt8]) throws(ProtocolError) -> Handshake
    ) {
        greeting = Greeting(mechanism: name, asServer: role == .server)
        self.role = role
        self.isOpenToLegacyPeers = isOpenToLegacyPeers
        self.replaceKeys = replaceKeys
        self.begin = begin
    }
}

extension Mechanism {
    /// Nobody has to prove anything.
    package static let null = Mechanism("NULL", .equal, isOpenToLegacyPeers: true) { profile, output in
        .null(NullHandshake(profile, authenticates: false, output: &output))
    }

    /// The same, except that the application decides which peers may connect.
    package static let authenticatedNull = Mechanism("NULL", .equal) { profile, output in
        .null(NullHandshake(profile, authenticates: true, output: &output))
    }

    /// Sends a name and a password, unencrypted.
    package static func plainClient(_ credentials: PlainCredentials) -> Mechanism {
        Mechanism("PLAIN", .client) { profile, output in
            .plainClient(PlainClient(credentials, profile, output: &output))
        }
    }

    /// Has the application decide by name and password which peers may connect.
    package static let plainServer = Mechanism("PLAIN", .server) { profile, _ in .plainServer(PlainServer(profile)) }

    /// Encrypts everything, for the server that has the secret half of `serverKey`.
    ///
    /// - Throws: ``CurveError`` if the key is none, or in a build without CURVE.
    package static func curveClient(_ keys: CurveKeyPair, serverKey: CurvePublicKey) throws(CurveError) -> Mechanism {
        #if Curve
            curveClient(try CurveClient.Settings(keys, serverKey: serverKey))
        #else
            throw .notBuilt
        #endif
    }

    /// Encrypts everything, and has the application decide by public key which peers may connect.
    ///
    /// - Throws: ``CurveError`` in a build without CURVE.
    package static func curveServer(_ keys: CurveKeyPair) throws(CurveError) -> Mechanism {
        #if Curve
            curveServer(try CurveServer.Settings(keys))
        #else
            throw .notBuilt
        #endif
    }

    #if Curve
        static func curveClient(_ settings: CurveClient.Settings) -> Mechanism {
            Mechanism("CURVE", .client) { profile, output throws(ProtocolError) in
                .curveClient(try CurveClient(settings, profile, output: &output))
            }
        }

        static func curveServer(_ settings: CurveServer.Settings) -> Mechanism {
            Mechanism("CURVE", .server, replaceKeys: settings.cookies.rotate) { profile, _ in
                .curveServer(CurveServer(settings, profile))
            }
        }
    #endif
}
