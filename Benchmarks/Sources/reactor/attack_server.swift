// The target of attacks: a ROUTER that replies to requests, by WebSocket, too; a PUB that publishes now and then; and a
// ROUTER with CURVE, on one loop.

import CBench
import EventReactor
import ZMQReactor

@main
enum AttackServer {
    static func main() throws {
        let usage = "<endpoint of the ROUTER> <endpoint of the PUB> <endpoint with CURVE> <ws endpoint of the ROUTER>"
        bench_arguments(CommandLine.argc, CommandLine.unsafeArgv, 4, usage)
        bench_allow_descriptors()
        let reactor = try Reactor()
        let context = Context(ioThreads: Int(bench_io_threads()))
        // With default settings, as in most applications.
        let router = try RouterSocket(on: reactor, in: context, handler: Server())
        try router.bind(CommandLine.arguments[1])
        try router.bind(CommandLine.arguments[4])
        let publisher = try PubSocket(on: reactor, in: context)
        try publisher.bind(CommandLine.arguments[2])
        var options = SocketOptions()
        let keys = try CurveKeyPair(secretKey: CurveSecretKey(z85: BENCH_SERVER_SECRET))
        options.security = try .curveServer(keys, authenticator: .acceptAll)
        let secure = try RouterSocket(on: reactor, in: context, options: options, handler: Server())
        try secure.bind(CommandLine.arguments[3])
        reactor.every(.milliseconds(10)) { _ in try! publisher.send("0000") }
        reactor.run()
    }
}

private final class Server: RouterHandler {
    private let large = Frame([UInt8](repeating: UInt8(ascii: "x"), count: 16384))

    func socket(_ socket: RouterSocket, received message: Message) {
        guard message.count == 2 else { return }
        switch message[1].withUnsafeBytes({ $0.first }) {
        case UInt8(ascii: "q"): _ = try! socket.send(message)
        // Copied for each peer, so that every peer's queue has its own memory.
        case UInt8(ascii: "r"):
            _ = try! socket.send(Message(frames: [message[0], large.withUnsafeBytes { Frame(Array($0)) }]))
        default: break
        }
    }
}
