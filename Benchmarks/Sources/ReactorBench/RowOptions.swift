import CBench
import Glibc
public import ZMQReactor

extension SocketOptions {
    /// The defaults; CURVE where BENCH_CURVE is set: the binding side is the server, which accepts every client; and
    /// ipc without shared memory where BENCH_SHARED_MEMORY is 0.
    public static func ofRow(isServer: Bool) throws -> SocketOptions {
        var options = SocketOptions()
        options.ipcSharesMemory = getenv("BENCH_SHARED_MEMORY").map { String(cString: $0) != "0" } ?? true
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
