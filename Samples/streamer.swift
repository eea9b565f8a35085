// A fixed address between the sources of tasks and their workers.

import ArgumentParser
import ZMQReactor

@main
struct Streamer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streamer",
        abstract: "Forward tasks from many ventilators to many workers."
    )

    @Option(help: "The endpoint for ventilators.")
    var frontend = "tcp://*:5573"

    @Option(help: "The endpoint for workers.")
    var backend = "tcp://*:5574"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let ventilators = try PullSocket(on: reactor, in: context)
        try ventilators.bind(frontend)
        let workers = try PushSocket(on: reactor, in: context)
        try workers.bind(backend)
        // While no worker has room, nothing is read, so the ventilators wait, too.
        try Proxy(frontend: ventilators, backend: workers)
        reactor.run()
    }
}
