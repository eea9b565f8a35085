// Collects the results of a batch, measures how long it took, and stops the workers.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct TaskSink: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task-sink",
        abstract: "Collect the results of a batch, then send the kill signal."
    )

    @Option(help: "The endpoint for results.")
    var bind = "tcp://*:5558"

    @Option(help: "The endpoint of the kill signal.")
    var control = "tcp://*:5559"

    @Option(help: "The number of results to wait for.")
    var count = 100

    func validate() throws {
        guard count > 0 else { throw ValidationError("--count must be 1 or more.") }
    }

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let control = try PubSocket(on: reactor, in: context)
        try control.bind(self.control)

        var start: SuspendingClock.Instant?
        var results = 0
        let receiver = try PullSocket(on: reactor, in: context) { [count] receiver, _ in
            // The first message marks the start of the batch.
            guard let start else { return start = .now }
            print(results % 10 == 0 ? ":" : ".", terminator: "")
            fflush(nil)
            results += 1
            guard results == count else { return }
            print("Total elapsed time: \(Int(start.duration(to: .now) / .milliseconds(1))) msec")
            // Always accepted: a worker without room misses it.
            _ = try? control.send("KILL")
            receiver.pause()
            context.terminate(thenStop: reactor)
        }
        try receiver.bind(bind)
        reactor.run()
    }
}
