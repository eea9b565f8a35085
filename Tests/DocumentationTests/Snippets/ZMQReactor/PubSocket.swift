import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/PubSocket.md shows.
enum PubSocketPage {
    static func publish(_ reactor: Reactor, _ context: Context) throws {
        let updates = try PubSocket(on: reactor, in: context)
        try updates.bind("tcp://*:5556")
        reactor.every(.seconds(1)) { _ in
            // Always accepted: a subscriber without room misses them.
            try updates.send("10001 21 40")
            try updates.send(["weather.10001", "21", "40"])
        }
    }

    final class Complaints: PubHandler {
        private var dropped = 0

        func socketDroppedMessage(_ socket: PubSocket) { dropped += 1 }
    }
}
