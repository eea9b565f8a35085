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

    static func budgets(_ reactor: Reactor, _ context: Context) throws {
        var frugal = SocketOptions()
        frugal.maxMessageSize = 1 << 20
        frugal.receiveHighWaterMarkBytes = 4 << 20
        frugal.receiveBudget = 256 << 20
        frugal.sendBudget = 256 << 20
        let clients = try RouterSocket(on: reactor, in: context, options: frugal)
        _ = clients
    }

    static func together() {
        let small = Context(sendBudget: 512 << 20, receiveBudget: 512 << 20)
        _ = small
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
