// The one fixed address between those who have tasks and those who do them.

import ArgumentParser
import ZMQReactor

@main
struct Streamer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streamer",
        abstract: "Pass tasks from many ventilators to many workers."
    )

    @Option(help: "Where ventilators connect to.")
    var frontend = "tcp://*:5573"

    @Option(help: "Where workers connect to.")
    var backend = "tcp://*:5574"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let ventilators = try PullSocket(on: reactor, in: context)
        try ventilators.bind(frontend)
        let workers = try PushSocket(on: reactor, in: context)
        try workers.bind(backend)
        // While no worker has room nothing is read, so the ventilators wait, too.
        try Proxy(frontend: ventilators, backend: workers)
        reactor.run()
    }
}
