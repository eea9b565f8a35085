// Publishes messages of three frames: the key, the address at which the publisher answers requests, and the contents.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct AddressPublisher: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "address-publisher",
        abstract: "Publish messages with an address for requests."
    )

    @Option(help: "The endpoint for subscribers.")
    var bind = "tcp://*:5563"

    @Option(help: "The endpoint for their requests.")
    var questions = "tcp://127.0.0.1:*"

    @Option(help: "The time between two messages, in milliseconds.")
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
        let responder = try RepSocket(on: reactor, in: context) { _, question, reply in
            print("Received \(question.string)")
            fflush(nil)
            reply.send("World")
        }
        let address = try responder.bind(questions)
        reactor.every(.milliseconds(interval)) { timer in
            guard !publisher.isClosed else { return timer.cancel() }
            // Always accepted: a subscriber without room misses it.
            try publisher.send(["B", Frame(address), "We would like to see this"])
        }
        reactor.run()
    }
}
