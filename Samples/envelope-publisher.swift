// Publishes messages of two frames: the key for subscriptions, and the contents.

import ArgumentParser
import ZMQReactor

@main
struct EnvelopePublisher: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "envelope-publisher",
        abstract: "Publish messages with keys A and B."
    )

    @Option(help: "The endpoint for subscribers.")
    var bind = "tcp://*:5563"

    @Option(help: "The time between two messages of a key, in milliseconds.")
    var interval = 1000

    func validate() throws {
        guard interval > 0 else { throw ValidationError("--interval must be 1 or more.") }
    }

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let publisher = try PubSocket(on: reactor, in: context)
        try publisher.bind(bind)
        reactor.every(.milliseconds(interval)) { timer in
            guard !publisher.isClosed else { return timer.cancel() }
            // Always accepted: a subscriber without room misses them.
            try publisher.send(["A", "We don't want to see this"])
            try publisher.send(["B", "We would like to see this"])
        }
        reactor.run()
    }
}
