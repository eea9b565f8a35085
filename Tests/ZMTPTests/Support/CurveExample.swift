#if Curve
    import Synchronization
    import ZMQReactorTestSupport
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

    extension CurvePeer {
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
