#if Curve
    import CSodium
    import Synchronization
    import ZMQReactorTesting

    @testable import ZMTP

    /// Keys and random numbers that are the same in every run.
    enum CurveExample {
        static let clientKeys = keys(1)
        static let serverKeys = keys(33)
        /// The handmade peer's, for one connection.
        static let transientKeys = keys(65)

        private static func keys(_ first: UInt8) -> CurveKeyPair {
            try! CurveKeyPair(secretKey: CurveSecretKey(first..<first + 32))
        }

        /// The nth request is answered with bytes of the value `first` + n.
        static func entropy(_ first: UInt8) -> CurveEntropy {
            let counter = Counter(first)
            return CurveEntropy { bytes in
                bytes.initializeMemory(as: UInt8.self, repeating: counter.next())
            }
        }

        static func client(keys: CurveKeyPair = clientKeys, serverKey: CurvePublicKey? = nil) -> Mechanism {
            let serverKey = serverKey ?? serverKeys.publicKey
            return .curveClient(try! CurveClient.Settings(keys, serverKey: serverKey, entropy: entropy(0x11)))
        }

        static func server() -> Mechanism {
            .curveServer(try! CurveServer.Settings(serverKeys, entropy: entropy(0x21)))
        }
    }

    /// RFC 26 with libsodium's boxes, written independently of the code under test: one side of a connection, each part
    /// of which can be wrong.
    struct CurvePeer {
        let own: CurveKeyPair
        let transient: CurveKeyPair
        /// The other side's keys.
        let peerKey: [UInt8]
        var peerTransientKey: [UInt8] = []
        var cookie: [UInt8] = []

        /// A client of `CurveExample.server`.
        static func client() -> CurvePeer {
            CurvePeer(
                own: CurveExample.clientKeys,
                transient: CurveExample.transientKeys,
                peerKey: CurveExample.serverKeys.publicKey.bytes
            )
        }

        /// A server for `CurveExample.client`.
        static func server() -> CurvePeer {
            CurvePeer(
                own: CurveExample.serverKeys,
                transient: CurveExample.transientKeys,
                peerKey: CurveExample.clientKeys.publicKey.bytes
            )
        }

        static func box(_ contents: [UInt8], _ nonce: [UInt8], to key: [UInt8], from own: CurveKeyPair) -> [UInt8] {
            var box = [UInt8](repeating: 0, count: contents.count + 16)
            let result = own.secretKey.withUnsafeBytes { secret in
                crypto_box_easy(&box, contents, UInt64(contents.count), nonce, key, secret.unsignedBytes)
            }
            precondition(result == 0 && nonce.count == 24)
            return box
        }

        static func open(_ box: [UInt8], _ nonce: [UInt8], from key: [UInt8], to own: CurveKeyPair) -> [UInt8]? {
            var contents = [UInt8](repeating: 0, count: max(box.count - 16, 0))
            let result = own.secretKey.withUnsafeBytes { secret in
                crypto_box_open_easy(&contents, box, UInt64(box.count), nonce, key, secret.unsignedBytes)
            }
            return result == 0 ? contents : nil
        }

        static func nonce(_ name: String, _ number: Int) -> [UInt8] {
            Array(name.utf8) + Wire.bigEndian(number, bytes: 8)
        }

        static func nonce(_ name: String, _ random: [UInt8]) -> [UInt8] { Array(name.utf8) + random }

        // MARK: A client

        func hello(
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
        mutating func read(welcome data: [UInt8]) -> Bool {
            let nonce = Self.nonce("WELCOME-", Array(data.prefix(16)))
            guard let contents = Self.open(Array(data.dropFirst(16)), nonce, from: peerKey, to: transient) else {
                return false
            }
            peerTransientKey = Array(contents.prefix(32))
            cookie = Array(contents.dropFirst(32))
            return cookie.count == 96
        }

        func vouch(
            for key: [UInt8]? = nil,
            at server: [UInt8]? = nil,
            by keys: CurveKeyPair? = nil,
            number: [UInt8] = Wire.zeros(16)
        ) -> [UInt8] {
            let contents = (key ?? transient.publicKey.bytes) + (server ?? peerKey)
            return number
                + Self.box(contents, Self.nonce("VOUCH---", number), to: peerTransientKey, from: keys ?? own)
        }

        func initiate(
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
        mutating func read(hello data: [UInt8]) -> Bool {
            peerTransientKey = Array(data[74..<106])
            let nonce = Array("CurveZMQHELLO---".utf8) + data[106..<114]
            let contents = Self.open(Array(data[114...]), nonce, from: peerTransientKey, to: own)
            return contents == Wire.zeros(64) && data.prefix(74) == [1, 0] + Wire.zeros(72)
        }

        func welcome(
            key: [UInt8]? = nil,
            cookie: [UInt8] = Wire.zeros(96),
            number: [UInt8] = Wire.zeros(16)
        ) -> [UInt8] {
            let contents = (key ?? transient.publicKey.bytes) + cookie
            return number + Self.box(contents, Self.nonce("WELCOME-", number), to: peerTransientKey, from: own)
        }

        func ready(number: Int = 1, metadata: [UInt8] = Wire.property("Socket-Type", "PULL")) -> [UInt8] {
            let nonce = Self.nonce("CurveZMQREADY---", number)
            return Wire.bigEndian(number, bytes: 8)
                + Self.box(metadata, nonce, to: peerTransientKey, from: transient)
        }

        // MARK: Either

        /// The body of a MESSAGE.
        func message(_ body: [UInt8], flags: UInt8 = 0, number: Int, fromServer: Bool = false) -> [UInt8] {
            let nonce = Self.nonce(fromServer ? "CurveZMQMESSAGES" : "CurveZMQMESSAGEC", number)
            return [7] + Array("MESSAGE".utf8) + Wire.bigEndian(number, bytes: 8)
                + Self.box([flags] + body, nonce, to: peerTransientKey, from: transient)
        }

        /// A MESSAGE as libzmq sends it.
        func frame(_ body: [UInt8], flags: UInt8 = 0, number: Int, fromServer: Bool = false) -> [UInt8] {
            Wire.frame(flags: 0, message(body, flags: flags, number: number, fromServer: fromServer))
        }

        /// Flags and body in the body of a MESSAGE.
        func read(message: [UInt8], fromServer: Bool) -> [UInt8]? {
            guard message.count >= 33, message.prefix(8) == [7] + Array("MESSAGE".utf8) else { return nil }
            let nonce = Array((fromServer ? "CurveZMQMESSAGES" : "CurveZMQMESSAGEC").utf8) + message[8..<16]
            return Self.open(Array(message[16...]), nonce, from: peerTransientKey, to: transient)
        }
    }

    private final class Counter: Sendable {
        private let value: Mutex<UInt8>

        init(_ first: UInt8) { value = Mutex(first) }

        func next() -> UInt8 {
            value.withLock { value in
                defer { value &+= 1 }
                return value
            }
        }
    }

    extension Session {
        /// A session of `CurveExample.server` behind the client's HELLO.
        static func curveServer(
            _ peer: inout CurvePeer,
            limit: Int = .max,
            verdict: Verdict? = .accepted(.anonymous)
        ) -> Session {
            var session = Session(.accepting(.pull, CurveExample.server()), limit: limit, verdict: verdict)
            session.feed(Wire.greeting(mechanism: "CURVE") + Wire.command("HELLO", peer.hello()))
            let isWelcome = peer.read(welcome: Array(session.transcript.output.dropFirst(64 + 10)))
            precondition(isWelcome)
            return session
        }

        /// A session of `CurveExample.client` behind the server's greeting.
        static func curveClient(_ peer: inout CurvePeer) -> Session {
            var session = Session(.connecting(.push, CurveExample.client()))
            session.feed(Wire.greeting(mechanism: "CURVE"))
            let isHello = peer.read(hello: Array(session.transcript.output.dropFirst(64 + 8)))
            precondition(isHello)
            return session
        }
    }
#endif
