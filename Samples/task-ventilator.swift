// Distributes a batch of tasks to the workers, after announcing the batch to the sink.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct TaskVentilator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task-ventilator",
        abstract: "Distribute a batch of tasks to the workers."
    )

    @Option(help: "The endpoint for workers.")
    var bind = "tcp://*:5557"

    @Option(help: "The sink.")
    var sink = "tcp://localhost:5558"

    @Option(help: "The number of tasks.")
    var count = 100

    @Flag(help: "Do not wait for Enter.")
    var go = false

    func validate() throws {
        guard count > 0 else { throw ValidationError("--count must be 1 or more.") }
    }

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let ventilator = try Ventilator(reactor, context, tasks: count)
        try ventilator.workers.bind(bind)
        try ventilator.sink.connect(sink)

        if go {
            ventilator.sendBatch()
        } else {
            print("Press Enter when the workers are ready: ", terminator: "")
            fflush(nil)
            try reactor.watch(0, for: .readable) { watcher, _ in
                watcher.cancel()
                _ = readLine()
                ventilator.sendBatch()
            }
        }
        reactor.run()
    }
}

private final class Ventilator: PushHandler {
    private let reactor: Reactor
    private let context: Context
    private(set) var workers: PushSocket!
    private(set) var sink: PushSocket!
    private var left: Int
    private var cost = 0

    init(_ reactor: Reactor, _ context: Context, tasks count: Int) throws {
        self.reactor = reactor
        self.context = context
        left = count
        var options = SocketOptions()
        options.linger = .untilSent  // however long the workers take
        workers = try PushSocket(on: reactor, in: context, options: options, handler: self)
        sink = try PushSocket(on: reactor, in: context)
    }

    func sendBatch() {
        print("Sending tasks to workers...")
        fflush(nil)
        // The first message for the sink: its queue, made by the connect, is empty.
        _ = try? sink.send("0")
        socketIsWritable(workers)
    }

    /// Sends the rest of the batch, as far as there is room.
    func socketIsWritable(_ socket: PushSocket) {
        while left > 0 {
            let task = Int.random(in: 1...100)
            guard (try? socket.send("\(task)")) == .accepted else { return }
            left -= 1
            cost += task
        }
        print("Total expected cost: \(cost) msec")
        fflush(nil)
        // Both sockets stay open until everything queued has been sent.
        context.terminate(thenStop: reactor)
    }
}
