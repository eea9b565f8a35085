// Shows what a signal does to a server: it is one more event on the loop, and the server ends in good order.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct InterruptServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interrupt-server",
        abstract: "Wait for Ctrl-C or SIGTERM, and then clean up."
    )

    @Option(help: "Where clients connect to.")
    var bind = "tcp://*:5555"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        var unanswered: [Reply] = []
        let server = try RepSocket(on: reactor, in: context) { _, _, reply in
            print("W: recv")
            fflush(nil)
            // A reply that is kept may still be sent, so no second request comes.
            unanswered.append(reply)
        }

        // Before anybody can find the server: a signal that comes earlier would still kill it.
        try reactor.onTermination { _ in
            print("W: interrupt received, killing server...")
            fflush(nil)
            context.terminate(thenStop: reactor)
        }
        try server.bind(bind)
        reactor.run()
        print("W: cleaning up")
    }
}
