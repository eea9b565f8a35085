// Ask for the squares of some numbers, each until there is an answer.
//
// pirate-client [ENDPOINT] [COUNT] [TIMEOUT MILLISECONDS] [RETRIES]

import Foundation
import LazyPirate
import ZMQReactor

@main
enum PirateClientProgram {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let endpoint = arguments.first ?? "tcp://localhost:5555"
        let count = arguments.dropFirst().first.flatMap { Int($0) } ?? 10
        var settings = PirateClient.Settings()
        if let milliseconds = arguments.dropFirst(2).first.flatMap({ Int($0) }) {
            settings.timeout = .milliseconds(milliseconds)
        }
        if let retries = arguments.dropFirst(3).first.flatMap({ Int($0) }) { settings.retries = retries }

        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let client = PirateClient(of: endpoint, on: reactor, in: context, settings: settings)
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
