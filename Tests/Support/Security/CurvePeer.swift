#if Curve
    internal import CSodium
    public import ZMQReactor
    public import ZMQReactorTesting

    /// RFC 26 with libsodium's boxes, written independently of the code under test: one side of a connection, each part
    /// of which can be wrong.
    public struct CurvePeer {
        public let own: CurveKeyPair
        public let transient: CurveKeyPair
        /// The other side's keys.
        public let peerKey: [UInt8]
        public var peerTransientKey: [UInt8] = []
        public var cookie: [UInt8] = []

        /// - Parameters:
        ///   - own: the long-term keys of this side.
        ///   - transient: the keys of the connection.
        ///   - peerKey: the long-term public key of the other side.
        public init(own: CurveKeyPair, transient: CurveKeyPair, peerKey: [UInt8]) {
            (self.own, self.transient, self.peerKey) = (own, transient, peerKey)
        }

        public static func box(_ contents: [UInt8], _ nonce: [UInt8], to key: [UInt8], from own: CurveKeyPair)
            -> [UInt8]
        {
            var box = [UInt8](repeating: 0, count: contents.count + 16)
            let result = own.secretKey.withUnsafeBytes { secret in
                crypto_box_easy(
                    &box,
                    contents,
                    UInt64(contents.count),
                    nonce,
                    key,
                    secret.bindMemory(to: UInt8.self).baseAddress!
                )
            }
            precondition(result == 0 && nonce.count == 24)
            return box
        }

        public static func open(_ box: [UInt8], _ nonce: [UInt8], from key: [UInt8], to own: CurveKeyPair) -> [UInt8]? {
            var contents = [UInt8](repeating: 0, count: max(box.count - 16, 0))
            let result = own.secretKey.withUnsafeBytes { secret in
                crypto_box_open_easy(
                    &contents,
                    box,
                    UInt64(box.count),
                    nonce,
                    key,
                    secret.bindMemory(to: UInt8.self).baseAddress!
                )
            }
            return result == 0 ? contents : nil
        }

        public static func nonce(_ name: String, _ number: Int) -> [UInt8] {
            Array(name.utf8) + Wire.bigEndian(number, bytes: 8)
        }

        public static func nonce(_ name: String, _ random: [UInt8]) -> [UInt8] { Array(name.utf8) + random }

        // MARK: A client

        public func hello(
            version: [UInt8] = [1, 0],
            padding: [UInt8] = Wire.zeros(72),
            key: [UInt8]? = nil,
            number: Int = 1,
            contents: [UInt8] = Wire.zeros(64)
        ) -> [UInt8] {
            let box = Self.box(contents, Self.nonce("CurveZMQHELLO---", number), to: peerKey, from: transient)
            return version + padding + (key ?? transient.publicKey.bytes) + Wire.bigEndian(number, bytes: 8) + box
        }

        /// Reads a WELCOME's data.
        public mutating func read(welcome data: [UInt8]) -> Bool {
            let nonce = Self.nonce("WELCOME-", Array(data.prefix(16)))
            guard let contents = Self.open(Array(data.dropFirst(16)), nonce, from: peerKey, to: transient) else {
                return false
            }
            peerTransientKey = Array(contents.prefix(32))
            cookie = Array(contents.dropFirst(32))
            return cookie.count == 96
        }

        public func vouch(
            for key: [UInt8]? = nil,
            at server: [UInt8]? = nil,
            by keys: CurveKeyPair? = nil,
            number: [UInt8] = Wire.zeros(16)
        ) -> [UInt8] {
            let contents = (key ?? transient.publicKey.bytes) + (server ?? peerKey)
            return number
                + Self.box(contents, Self.nonce("VOUCH---", number), to: peerTransientKey, from: keys ?? own)
        }

        public func initiate(
            cookie: [UInt8]? = nil,
            number: Int = 2,
            key: [UInt8]? = nil,
            vouch: [UInt8]? = nil,
            metadata: [UInt8] = Wire.property("Socket-Type", "PUSH")
        ) -> [UInt8] {
            let contents = (key ?? own.publicKey.bytes) + (vouch ?? self.vouch()) + metadata
            let nonce = Self.nonce("CurveZMQINITIATE", number)
            let box = Self.box(contents, nonce, to: peerTransientKey, from: transient)
            return (cookie ?? self.cookie) + Wire.bigEndian(number, bytes: 8) + box
        }

        // MARK: A server

        /// Reads a HELLO's data.
        public mutating func read(hello data: [UInt8]) -> Bool {
            peerTransientKey = Array(data[74..<106])
            let nonce = Array("CurveZMQHELLO---".utf8) + data[106..<114]
            let contents = Self.open(Array(data[114...]), nonce, from: peerTransientKey, to: own)
            return contents == Wire.zeros(64) && data.prefix(74) == [1, 0] + Wire.zeros(72)
        }

        public func welcome(
            key: [UInt8]? = nil,
            cookie: [UInt8] = Wire.zeros(96),
            number: [UInt8] = Wire.zeros(16)
        ) -> [UInt8] {
            let contents = (key ?? transient.publicKey.bytes) + cookie
            return number + Self.box(contents, Self.nonce("WELCOME-", number), to: peerTransientKey, from: own)
        }

        public func ready(number: Int = 1, metadata: [UInt8] = Wire.property("Socket-Type", "PULL")) -> [UInt8] {
            let nonce = Self.nonce("CurveZMQREADY---", number)
            return Wire.bigEndian(number, bytes: 8)
                + Self.box(metadata, nonce, to: peerTransientKey, from: transient)
        }

        // MARK: Either

        /// The body of a MESSAGE.
        public func message(_ body: [UInt8], flags: UInt8 = 0, number: Int, fromServer: Bool = false) -> [UInt8] {
            let nonce = Self.nonce(fromServer ? "CurveZMQMESSAGES" : "CurveZMQMESSAGEC", number)
            return [7] + Array("MESSAGE".utf8) + Wire.bigEndian(number, bytes: 8)
                + Self.box([flags] + body, nonce, to: peerTransientKey, from: transient)
        }

        /// A MESSAGE as libzmq sends it.
        public func frame(_ body: [UInt8], flags: UInt8 = 0, number: Int, fromServer: Bool = false) -> [UInt8] {
            Wire.frame(flags: 0, message(body, flags: flags, number: number, fromServer: fromServer))
        }

        /// Flags and body in the body of a MESSAGE.
        public func read(message: [UInt8], fromServer: Bool) -> [UInt8]? {
            guard message.count >= 33, message.prefix(8) == [7] + Array("MESSAGE".utf8) else { return nil }
            let nonce = Array((fromServer ? "CurveZMQMESSAGES" : "CurveZMQMESSAGEC").utf8) + message[8..<16]
            return Self.open(Array(message[16...]), nonce, from: peerTransientKey, to: transient)
        }
    }
#endif
