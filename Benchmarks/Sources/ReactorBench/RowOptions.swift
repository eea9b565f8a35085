import CBench
import Glibc
public import ZMQReactor

extension SocketOptions {
    /// The defaults, and CURVE where BENCH_CURVE is set: the binding side is the server, which accepts every client.
    public static func ofRow(isServer: Bool) throws -> SocketOptions {
        var options = SocketOptions()
        guard getenv("BENCH_CURVE") != nil else { return options }
        let server = try CurveKeyPair(secretKey: CurveSecretKey(z85: BENCH_SERVER_SECRET))
        options.security =
            try isServer
            ? .curveServer(server, authenticator: .acceptAll)
            : .curveClient(
                CurveKeyPair(secretKey: CurveSecretKey(z85: BENCH_CLIENT_SECRET)),
                serverKey: server.publicKey
            )
        return options
    }
}
