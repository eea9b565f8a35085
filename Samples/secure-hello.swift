// Requests and replies over CURVE: they are encrypted, the client knows that this is its server, and the server lets in
// only the clients that it knows.

import ArgumentParser
import ZMQReactor

@main
struct SecureHello: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secure-hello",
        abstract: "Ask a server that lets in only clients it knows."
    )

    @Option(help: "The endpoint of the server.")
    var endpoint = "tcp://127.0.0.1:*"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)

        // In practice, each side makes its pair once, stores it, and gives the public key to the other one.
        let (serverKeys, aliceKeys) = (try CurveKeyPair(), try CurveKeyPair())
        let names = [aliceKeys.publicKey: "alice"]

        var options = SocketOptions()
        options.security = try .curveServer(serverKeys, authenticator: .keys(names))
        let server = try RepSocket(on: reactor, in: context, options: options) { _, request, reply in
            print("Received \(request.string)")
            reply.send("World")
        }
        let alice = try client(aliceKeys, of: serverKeys.publicKey, on: reactor, in: context)
        let mallory = try client(CurveKeyPair(), of: serverKeys.publicKey, on: reactor, in: context)

        let place = try server.bind(endpoint)
        func ask() throws {
            try alice.connect(place)
            try alice.request("Hello") { result in
                if case .success(let reply) = result { print("Received \(reply.string)") }
                context.terminate(thenStop: reactor)
            }
        }
        server.onEvent = { _, event in
            switch event {
            case .handshakeFailed(_, _, let reason):
                print("No: \(reason.message)")
                mallory.close()
                try? ask()
            case .handshakeSucceeded(_, let peer, _):
                print("Hello \(peer.userID ?? "")")
            default: break
            }
        }

        // The server does not know this client, which is refused before it can send anything.
        try mallory.connect(place)
        reactor.run()
    }

    /// A client with these keys, for the server with that key and no other.
    private func client(
        _ keys: CurveKeyPair,
        of serverKey: CurvePublicKey,
        on reactor: Reactor,
        in context: Context
    ) throws -> ReqSocket {
        var options = SocketOptions()
        options.security = try .curveClient(keys, serverKey: serverKey)
        return try ReqSocket(on: reactor, in: context, options: options)
    }
}
