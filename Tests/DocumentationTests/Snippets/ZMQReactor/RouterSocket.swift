import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/RouterSocket.md shows.
enum RouterSocketPage {
    static func route(_ reactor: Reactor, _ context: Context) throws {
        let socket = try RouterSocket(on: reactor, in: context) { socket, message in
            let client = message[0]
            reactor.after(.seconds(1)) { _ in
                _ = try? socket.send([client, "", "World"] as Message)
            }
        }
        try socket.bind("tcp://*:5555")
    }

    final class Registry: RouterHandler {
        func socket(_ socket: RouterSocket, connected peer: RouterPeer) {
            _ = try? socket.send("welcome", to: peer.routingID)
        }

        func socket(_ socket: RouterSocket, received message: Message) {
            print(message[0], "says", message[message.count - 1].string)
        }

        func socket(_ socket: RouterSocket, disconnected peer: RouterPeer) { print(peer.routingID, "has left") }
    }
}
