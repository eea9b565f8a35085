// A fixed address for publishers and subscribers that come and go.

import ArgumentParser
import ZMQReactor

@main
struct Forwarder: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forwarder",
        abstract: "Forward updates from many publishers to many subscribers."
    )

    @Option(help: "The endpoint for publishers.")
    var frontend = "tcp://*:5571"

    @Option(help: "The endpoint for subscribers.")
    var backend = "tcp://*:5572"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let publishers = try XSubSocket(on: reactor, in: context)
        try publishers.bind(frontend)
        let subscribers = try XPubSocket(on: reactor, in: context)
        try subscribers.bind(backend)
        try Proxy(frontend: publishers, backend: subscribers)
        reactor.run()
    }
}
