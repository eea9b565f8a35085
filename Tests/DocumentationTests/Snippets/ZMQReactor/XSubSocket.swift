import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/XSubSocket.md shows.
enum XSubSocketPage {
    static func forward(_ reactor: Reactor, _ context: Context) throws {
        let publishers = try XSubSocket(on: reactor, in: context)
        let subscribers = try XPubSocket(on: reactor, in: context)
        try publishers.bind("tcp://*:5555")
        try subscribers.bind("tcp://*:5556")
        try Proxy(frontend: publishers, backend: subscribers)
    }

    static func upstream(_ socket: XSubSocket) throws {
        try socket.subscribe(to: "weather.")
        try socket.send("please repeat")
    }

    final class Tap: XSubHandler {
        func socket(_ socket: XSubSocket, received message: Message) { print(message) }
    }
}
