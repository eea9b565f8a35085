// Sends ten requests to the workers behind the broker.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct RequestClient: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request-client",
        abstract: "Send ten requests, and wait for each reply."
    )

    @Option(help: "The broker.")
    var connect = "tcp://localhost:5559"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let requester = try ReqSocket(on: reactor, in: context)
        try requester.connect(connect)

        func ask(_ number: Int) {
            guard number < 10 else { return context.terminate(thenStop: reactor) }
            // The completion reports every failure, also that there is no room.
            _ = try? requester.request("Hello") { result in
                guard case .success(let reply) = result else { return }
                print("Received reply \(number) [\(reply.string)]")
                fflush(nil)
                ask(number + 1)
            }
        }
        ask(0)
        reactor.run()
    }
}
