import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/GatherSocket.md shows.
enum GatherSocketPage {
    static func collect(_ reactor: Reactor, _ context: Context) throws {
        let work = try GatherSocket(on: reactor, in: context) { _, task in print(task.string) }
        try work.connect("tcp://localhost:5557")
    }
}
