import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/RadioSocket.md shows.
enum RadioSocketPage {
    static func send(_ reactor: Reactor, _ context: Context) throws {
        let radio = try RadioSocket(on: reactor, in: context)
        try radio.bind("tcp://*:5558")
        radio.waitForMembers(of: "weather") { _ in
            // Always accepted: a member without room misses it.
            _ = try? radio.send("sunny", to: "weather")
        }
    }
}
