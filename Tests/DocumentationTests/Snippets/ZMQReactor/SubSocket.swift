import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/SubSocket.md shows.
enum SubSocketPage {
    static func subscribe(_ reactor: Reactor, _ context: Context) throws {
        let weather = try SubSocket(on: reactor, in: context) { _, update in
            print(update.string)
        }
        try weather.connect("tcp://localhost:5556")
        try weather.subscribe(to: "10001 ")
    }

    final class Forecast: SubHandler {
        private var temperatures: [Int] = []

        func socket(_ socket: SubSocket, received update: Message) {
            let fields = update.string.split(separator: " ")
            if fields.count == 3, let temperature = Int(fields[1]) { temperatures.append(temperature) }
        }
    }
}
