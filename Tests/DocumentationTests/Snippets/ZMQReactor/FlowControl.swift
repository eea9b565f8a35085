import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/FlowControl.md shows.
enum FlowControlPage {
    static func limits(_ reactor: Reactor, _ context: Context) throws {
        var options = SocketOptions()
        options.sendHighWaterMark = 10_000
        options.sendHighWaterMarkBytes = 64 << 20
        let results = try PushSocket(on: reactor, in: context, options: options)
        try results.connect("tcp://localhost:5558")
    }

    final class Source: PushHandler {
        private var next = 0

        func fill(_ socket: PushSocket) {
            while (try? socket.send("\(next)")) == .accepted { next += 1 }
        }

        func socketIsWritable(_ socket: PushSocket) { fill(socket) }
    }

    static func oneAtATime(_ reactor: Reactor, _ context: Context) throws {
        let tasks = try PullSocket(on: reactor, in: context) { tasks, task in
            tasks.pause()
            reactor.after(.milliseconds(task[0].decimal ?? 0)) { _ in tasks.resume() }
        }
        try tasks.connect("tcp://localhost:5557")
    }
}
