// The security mechanisms, a case for each side of each. The rules are in the handshake's own file, and the cases of
// `Handshake` are the only other place where a new one is added.
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

    /// What a handshake begins with. Not a closure that begins it: those that return a value which cannot be copied
    /// are compiled incorrectly by Swift 6.3.
    private enum Kind {
        case null(authenticates: Bool)
        case plainClient(PlainCredentials)
        case plainServer
        #if Curve
            case curveClient(CurveClient.Settings)
            case curveServer(CurveServer.Settings)
        #endif
    }

    /// The name, as greetings carry it.
    let name: MechanismName
    package var text: String { name.text }
    /// The greeting of the socket's connections.
    let greeting: Greeting
    /// The side.
    package let role: Role
    private let kind: Kind

    private init(_ name: StaticString, _ role: Role, _ kind: Kind) {
        self.name = MechanismName(name)
        greeting = Greeting(mechanism: name, asServer: role == .server)
        self.role = role
        self.kind = kind
    }

    /// Whether peers of a version without mechanisms may connect (D-2).
    var isOpenToLegacyPeers: Bool { if case .null(authenticates: false) = kind { true } else { false } }

    /// Whether a handshake takes the processor for long, for key agreements.
    package var isCostly: Bool {
        switch kind {
        case .null, .plainClient, .plainServer: false
        #if Curve
            case .curveClient, .curveServer: true
        #endif
        }
    }

    /// Begins a handshake: appends what this side sends unprompted.
    func begin(_ profile: HandshakeProfile, _ output: inout [UInt8]) throws(ProtocolError) -> Handshake {
        switch kind {
        case .null(let authenticates):
            .null(NullHandshake(profile, authenticates: authenticates, output: &output))
        case .plainClient(let credentials):
            .plainClient(PlainClient(credentials, profile, output: &output))
        case .plainServer:
            .plainServer(PlainServer(profile))
        #if Curve
            case .curveClient(let settings):
                .curveClient(try CurveClient(settings, profile, output: &output))
            case .curveServer(let settings):
                .curveServer(CurveServer(settings, profile))
        #endif
        }
    }

    /// Replaces keys that must not live longer than a minute, if they are that old at `now`, in nanoseconds: to be
    /// called for each new connection. A handshake in progress survives one replacement.
    package func replaceKeys(at now: Int64) {
        #if Curve
            if case .curveServer(let settings) = kind { settings.cookies.rotate(at: now) }
        #endif
    }
}

/// The name of a mechanism. It is copied with every peer, and counts no references.
package struct MechanismName: Sendable, Equatable {
    private let value: StaticString

    init(_ value: StaticString) { self.value = value }

    package var text: String { "\(value)" }

    package static func == (left: MechanismName, right: MechanismName) -> Bool { left.text == right.text }
}

extension Mechanism {
    /// Neither side proves anything.
    package static let null = Mechanism("NULL", .equal, .null(authenticates: false))

    /// The same, except that the application decides which peers may connect.
    package static let authenticatedNull = Mechanism("NULL", .equal, .null(authenticates: true))

    /// Sends a name and a password, unencrypted.
    package static func plainClient(_ credentials: PlainCredentials) -> Mechanism {
        Mechanism("PLAIN", .client, .plainClient(credentials))
    }

    /// Has the application decide by name and password which peers may connect.
    package static let plainServer = Mechanism("PLAIN", .server, .plainServer)

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
            Mechanism("CURVE", .client, .curveClient(settings))
        }

        static func curveServer(_ settings: CurveServer.Settings) -> Mechanism {
            Mechanism("CURVE", .server, .curveServer(settings))
        }
    #endif
}
