#if Curve
    /// The 24 bytes that make each encryption with one key different: a name, and a number or random bytes.
    struct CurveNonce {
        static let size = 24
        static let randomSize = 16

        let bytes: [UInt8]

        /// A name of 16 characters and a number, which rises with each command of a connection's side.
        init(_ name: StaticString, _ number: UInt64) {
            var bytes: [UInt8] = []
            bytes.append(name)
            bytes.appendBigEndian(number)
            self.bytes = bytes
        }

        /// A name of 8 characters and 16 random bytes.
        init(_ name: StaticString, random: some Collection<UInt8>) {
            var bytes: [UInt8] = []
            bytes.append(name)
            bytes += random
            self.bytes = bytes
        }
    }

    /// The names of the nonces (RFC 26).
    enum CurveNonceName {
        static let hello: StaticString = "CurveZMQHELLO---"
        static let welcome: StaticString = "WELCOME-"
        static let cookie: StaticString = "COOKIE--"
        static let vouch: StaticString = "VOUCH---"
        static let initiate: StaticString = "CurveZMQINITIATE"
        static let ready: StaticString = "CurveZMQREADY---"
        static let messageOfClient: StaticString = "CurveZMQMESSAGEC"
        static let messageOfServer: StaticString = "CurveZMQMESSAGES"
    }
#endif
