// Connects to a broker and replies to the requests it receives.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct RequestWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request-worker",
        abstract: "Reply to the requests of a broker."
    )

    @Option(help: "The broker.")
    var connect = "tcp://localhost:5560"

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
            print("Received request: [\(request.string)]")
            fflush(nil)
            reactor.after(.milliseconds(work)) { _ in reply.send("World") }
        }
        try responder.connect(connect)
        reactor.run()
    }
}
