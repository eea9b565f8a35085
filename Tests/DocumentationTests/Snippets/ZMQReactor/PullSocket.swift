import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/PullSocket.md shows.
enum PullSocketPage {
    static func sink(_ reactor: Reactor, _ context: Context) throws {
        var count = 0
        let results = try PullSocket(on: reactor, in: context) { results, _ in
            count += 1
            if count == 100 { results.close() }
        }
        try results.bind("tcp://*:5558")
    }

    final class Sink: PullHandler {
        private var total = 0

        func socket(_ socket: PullSocket, received result: Message) {
            total += result[0].decimal ?? 0
        }
    }
}
