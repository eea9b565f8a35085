// Forwards between clients and workers, as the request broker does, in one line.

import ArgumentParser
import ZMQReactor

@main
struct MessageQueue: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message-queue",
        abstract: "Forward requests and replies with the built-in proxy."
    )

    @Option(help: "The endpoint for clients.")
    var frontend = "tcp://*:5559"

    @Option(help: "The endpoint for workers.")
    var backend = "tcp://*:5560"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let clients = try RouterSocket(on: reactor, in: context)
        try clients.bind(frontend)
        let workers = try DealerSocket(on: reactor, in: context)
        try workers.bind(backend)
        try Proxy(frontend: clients, backend: workers)
        reactor.run()
    }
}
