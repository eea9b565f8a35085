// Replies to each "Hello" with "World", after a second of work.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct HelloServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hello-server",
        abstract: "Reply to each request with \"World\", after a second of work."
    )

    @Option(help: "The endpoint for clients.")
    var bind = "tcp://*:5555"

    @Option(help: "How long a request takes, in milliseconds.")
    var work = 1000

    func validate() throws {
        guard work >= 0 else { throw ValidationError("--work must be 0 or more.") }
    }

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let responder = try RepSocket(on: reactor, in: context) { [work] _, request, reply in
            print("Received \(request.string)")
            fflush(nil)
            // The next request is delivered when this one has been answered.
            reactor.after(.milliseconds(work)) { _ in reply.send("World") }
        }
        try responder.bind(bind)
        reactor.run()
    }
}
