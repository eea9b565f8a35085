import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/StreamSocket.md shows.
enum StreamSocketPage {
    static func serve(_ reactor: Reactor, _ context: Context) throws {
        let web = try StreamSocket(on: reactor, in: context) { web, message in
            let (client, request) = (message[0], message[1])
            guard request.string.hasPrefix("GET ") else { return }
            // The first answer on a connection always has room.
            _ = try web.send("HTTP/1.0 200 OK\r\n\r\nHello\n", to: client)
            try web.hangUp(on: client)
        }
        web.deliversNotices = false
        try web.bind("tcp://*:8080")
    }

    final class Echo: StreamHandler {
        func socket(_ socket: StreamSocket, received message: Message) {
            guard !message[1].isEmpty else { return print("a peer has connected or disconnected") }
            guard (try? socket.send(message)) == .accepted else { return print("a peer does not read its echo") }
        }
    }
}
