// Does tasks one at a time until the kill signal arrives.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct TaskWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task-worker",
        abstract: "Do tasks until the kill signal arrives."
    )

    @Option(help: "The ventilator.")
    var tasks = "tcp://localhost:5557"

    @Option(help: "The sink.")
    var results = "tcp://localhost:5558"

    @Option(help: "The endpoint of the kill signal.")
    var control = "tcp://localhost:5559"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let worker = try Worker(reactor, context)
        try worker.tasks.connect(tasks)
        try worker.results.connect(results)

        let control = try SubSocket(on: reactor, in: context) { _, _ in worker.stop() }
        try control.connect(self.control)
        try control.subscribe(to: "")
        reactor.run()
        print("\nTasks done: \(worker.done)")
    }
}

/// A task is the number of milliseconds it takes. While it runs, no other is taken: another worker may be free.
private final class Worker: PullHandler, PushHandler {
    private let reactor: Reactor
    private let context: Context
    private(set) var tasks: PullSocket!
    private(set) var results: PushSocket!
    private(set) var done = 0
    private var isBusy = false
    private var isStopping = false

    init(_ reactor: Reactor, _ context: Context) throws {
        self.reactor = reactor
        self.context = context
        tasks = try PullSocket(on: reactor, in: context, handler: self)
        results = try PushSocket(on: reactor, in: context, handler: self)
    }

    func socket(_ socket: PullSocket, received message: Message) {
        print("\(message.string).", terminator: "")
        fflush(nil)
        socket.pause()
        isBusy = true
        reactor.after(.milliseconds(message[0].decimal ?? 0)) { _ in self.taskEnded() }
    }

    private func taskEnded() {
        // Without room for the result, `socketIsWritable` calls this again.
        guard (try? results.send(Message())) == .accepted else { return }
        done += 1
        isBusy = false
        if isStopping { context.terminate(thenStop: reactor) } else { tasks.resume() }
    }

    func socketIsWritable(_ socket: PushSocket) { taskEnded() }

    /// Ends the worker after its current task.
    func stop() {
        isStopping = true
        if !isBusy { context.terminate(thenStop: reactor) }
    }
}
