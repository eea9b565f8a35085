import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/ClientSocket.md shows.
enum ClientSocketPage {
    static func client(_ reactor: Reactor, _ context: Context) throws {
        let client = try ClientSocket(on: reactor, in: context) { _, reply in print(reply.string) }
        try client.connect("tcp://localhost:5555")
        // The endpoint has a queue, connected or not, and this is the beginning of it.
        for number in 0..<3 { _ = try client.send("request \(number)") }
    }

    static func handle(_ client: ClientSocket) {
        let handle = client.handle
        Task.detached {
            try await handle.sendWhenReady("from another thread")
        }
    }
}
