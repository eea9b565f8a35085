import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/ScatterSocket.md shows.
enum ScatterSocketPage {
    static func distribute(_ reactor: Reactor, _ context: Context) throws {
        let work = try ScatterSocket(on: reactor, in: context)
        try work.bind("tcp://*:5557")
        if try work.send("a task") == .wouldBlock { print("no worker has room") }
    }

    static func handle(_ work: ScatterSocket) {
        let handle = work.handle
        for name in ["disk", "network"] {
            Task.detached {
                try await handle.sendWhenReady("found by \(name)")
            }
        }
    }
}
