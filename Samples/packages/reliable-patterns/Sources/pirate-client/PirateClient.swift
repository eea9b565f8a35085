// Asks for the squares of some numbers, each until there is an answer.

import ArgumentParser
import Foundation
import LazyPirate
import ZMQReactor

@main
struct PirateClientProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pirate-client",
        abstract: "Ask for the squares of some numbers, each until there is an answer."
    )

    @Option(help: "The server.")
    var connect = "tcp://localhost:5555"

    @Option(help: "How many numbers.")
    var count = 10

    @Option(help: "How long to wait for an answer, in milliseconds.")
    var timeout = 2_500

    @Option(help: "How often to repeat a request.")
    var retries = 3

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        var settings = PirateClient.Settings()
        settings.timeout = .milliseconds(timeout)
        settings.retries = retries
        let client = PirateClient(of: connect, on: reactor, in: context, settings: settings)
        client.onRetry = { print("no answer within \(settings.timeout), attempt \($0 + 1)") }
        var failure: (any Error)?
        reactor.task { reactor in
            do {
                for number in 0..<count {
                    print(try await client.request("\(number)").string)
                    fflush(nil)
                }
            } catch {
                failure = error
            }
            context.terminate(thenStop: reactor)
        }
        reactor.run()
        if let failure { throw failure }
    }
}
