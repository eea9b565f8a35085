// Handles a signal in a server: it is an event of the loop like any other, and the server shuts down cleanly.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct InterruptServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interrupt-server",
        abstract: "Wait for Ctrl-C or SIGTERM, and then clean up."
    )

    @Option(help: "The endpoint for clients.")
    var bind = "tcp://*:5555"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        var unanswered: [Reply] = []
        let server = try RepSocket(on: reactor, in: context) { _, _, reply in
            print("W: recv")
            fflush(nil)
            // A pending reply may still be sent, so no second request arrives.
            unanswered.append(reply)
        }

        // Before any client can find the server: an earlier signal would still kill it.
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
