// Ask a Majordomo broker for the squares of some numbers, each until there is an answer.
//
// majordomo-client [ENDPOINT] [COUNT] [TIMEOUT MILLISECONDS] [RETRIES]

import Foundation
import Majordomo
import ZMQReactor

@main
enum MajordomoClient {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let count = arguments.dropFirst().first.flatMap { Int($0) } ?? 10
        var settings = Client.Settings()
        if let milliseconds = arguments.dropFirst(2).first.flatMap({ Int($0) }) {
            settings.timeout = .milliseconds(milliseconds)
        }
        if let retries = arguments.dropFirst(3).first.flatMap({ Int($0) }) { settings.retries = retries }
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let client = Client(
            of: arguments.first ?? "tcp://localhost:5555",
            on: reactor,
            in: context,
            settings: settings
        )
        client.onRetry = { print("no answer within \(settings.timeout), attempt \($0 + 1)") }
        var failure: (any Error)?
        reactor.task { reactor in
            do {
                for number in 0..<count {
                    print(try await client.request("square", "\(number)").final.string)
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
