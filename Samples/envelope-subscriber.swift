// Subscribes to the messages with key B. Only the first frame of a message is matched.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct EnvelopeSubscriber: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "envelope-subscriber",
        abstract: "Show the messages with key B."
    )

    @Option(help: "The publisher.")
    var connect = "tcp://localhost:5563"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let subscriber = try SubSocket(on: reactor, in: context) { _, message in
            // A publisher may send anything: a message with fewer frames is ignored.
            guard let text = message.frame(1)?.string else { return }
            print("[\(message[0].string)] \(text)")
            fflush(nil)
        }
        try subscriber.connect(connect)
        try subscriber.subscribe(to: "B")
        reactor.run()
    }
}
