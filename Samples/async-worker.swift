// Does tasks like task-worker, written as sequential code that waits for each event. It never blocks its loop.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct AsyncWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "async-worker",
        abstract: "Do tasks until the kill signal arrives, with async and await."
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
        let tasks = try PullSocket(on: reactor, in: context)
        try tasks.connect(self.tasks)
        let results = try PushSocket(on: reactor, in: context)
        try results.connect(self.results)
        let control = try SubSocket(on: reactor, in: context)
        try control.connect(self.control)
        try control.subscribe(to: "")

        // Both tasks live on the reactor's thread, as handlers do: they share variables without a lock.
        var done = 0
        reactor.task { reactor in
            // A task is the number of milliseconds it takes. While it runs, the next one waits, or goes to another
            // worker.
            for try await task in tasks.messages {
                print("\(task.string).", terminator: "")
                fflush(nil)
                try await reactor.sleep(for: .milliseconds(task[0].decimal ?? 0))
                try await results.sendWhenReady(Message())
                done += 1
            }
        }
        reactor.task { reactor in
            _ = try await control.receive()
            // The pending receive in the other task throws, which ends that task.
            context.terminate(thenStop: reactor)
        }
        reactor.run()
        print("\nTasks done: \(done)")
    }
}
