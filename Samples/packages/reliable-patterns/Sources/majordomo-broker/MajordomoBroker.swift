// Gives the requests for services to their workers, by the Majordomo Protocol 0.2.

import ArgumentParser
import Majordomo
import ZMQReactor

@main
struct MajordomoBroker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "majordomo-broker",
        abstract: "Give the requests for services to their workers, by the Majordomo Protocol 0.2."
    )

    @Option(help: "The endpoint for clients and workers.")
    var bind = "tcp://*:5555"

    @Option(help: "The time between two heartbeats, in milliseconds, which the workers must agree with.")
    var heartbeat = 2_500

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        var settings = Broker.Settings()
        settings.heartbeats.interval = .milliseconds(heartbeat)
        try Broker.start(at: bind, on: reactor, in: context, settings: settings)
        reactor.run()
    }
}
