import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/ServerSocket.md shows.
enum ServerSocketPage {
    static func serve(_ reactor: Reactor, _ context: Context) throws {
        let server = try ServerSocket(on: reactor, in: context) { server, message in
            let (client, request) = (message[0], message[1])
            if try server.send("Hello, \(request.string)", to: client) == .wouldBlock {
                print("no room:", client)
            }
        }
        try server.bind("tcp://*:5555")
    }

    final class Greeter: ServerHandler {
        private var waiting: [Message] = []

        func socket(_ socket: ServerSocket, received message: Message) { send([message[0], "Hello"], with: socket) }

        func socketIsWritable(_ socket: ServerSocket) {
            for message in exchange(&waiting, with: []) { send(message, with: socket) }
        }

        private func send(_ message: Message, with socket: ServerSocket) {
            do {
                if try socket.send(message) == .wouldBlock { waiting.append(message) }
            } catch let error where error.code == .hostUnreachable {
                print("the client has left")
            } catch {
                print(error)
            }
        }
    }
}
