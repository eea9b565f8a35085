import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Forking.md shows.
enum ForkingPage {
    static func inTheChild() throws {
        let reactor = try Reactor()
        let context = Context()
        let socket = try PushSocket(on: reactor, in: context)
        try socket.connect("ipc:///tmp/parent.ipc")
        // The endpoint has an empty queue, connected or not.
        _ = try socket.send("hello from the child")
        context.terminate(thenStop: reactor)
        reactor.run()
    }
}
