import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/XPubSocket.md shows.
enum XPubSocketPage {
    final class LastValues: XPubHandler {
        private var values: [Frame: Message] = [:]

        func publish(_ topic: Frame, _ value: Frame, on socket: XPubSocket) {
            let message = [topic, value] as Message
            values[topic] = message
            // Accepted, unless `blocksWhenFull`: a subscriber without room misses it.
            _ = try? socket.send(message)
        }

        func socket(_ socket: XPubSocket, subscribed subscriber: Subscriber, to topic: Frame) {
            guard let value = values[topic] else { return }
            if (try? socket.send(value, to: subscriber)) != .accepted { print("no room for the last value of", topic) }
        }

        func socket(_ socket: XPubSocket, unsubscribed subscriber: Subscriber, from topic: Frame) {
            print("a subscriber has left", topic)
        }
    }

    static func lastValues(_ reactor: Reactor, _ context: Context) throws {
        let handler = LastValues()
        let prices = try XPubSocket(on: reactor, in: context, handler: handler)
        prices.verbosity = .verbose
        try prices.bind("tcp://*:5556")
    }
}
