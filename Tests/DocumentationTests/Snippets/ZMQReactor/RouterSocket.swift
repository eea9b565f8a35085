import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/RouterSocket.md shows.
enum RouterSocketPage {
    static func route(_ reactor: Reactor, _ context: Context) throws {
        let socket = try RouterSocket(on: reactor, in: context) { socket, message in
            guard let (envelope, request) = message.splitAtDelimiter() else { return print("not a request:", message) }
            print("asked:", request[0].string)
            reactor.after(.seconds(1)) { _ in
                // The client may be gone: without `isMandatory` the reply is then dropped and counted.
                _ = try socket.send(envelope + "World")
            }
        }
        try socket.bind("tcp://*:5555")
    }

    final class Registry: RouterHandler {
        func socket(_ socket: RouterSocket, connected peer: RouterPeer) {
            // A new peer has room. Without `isMandatory`, a message for one that is gone is dropped and counted.
            _ = try? socket.send("welcome", to: peer.routingID)
        }

        func socket(_ socket: RouterSocket, received message: Message) {
            print(message[0], "says", message.last.string)
        }

        func socket(_ socket: RouterSocket, disconnected peer: RouterPeer) { print(peer.routingID, "has left") }
    }
}
