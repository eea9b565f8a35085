// Keep a map that clients share, on three ports in a row.
//
// clone-server [PORT or ENDPOINT PREFIX] [JOURNAL]

import Clone
import Foundation
import ZMQReactor

@main
enum CloneServerProgram {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let place = arguments.first ?? "5556"
        let endpoints = Int(place).map { CloneEndpoints(host: "*", port: $0) } ?? CloneEndpoints(prefix: place)
        let reactor = try Reactor()
        let context = Context()
        let server = try CloneServer(
            at: endpoints,
            journal: arguments.dropFirst().first ?? "clone.journal",
            on: reactor,
            in: context
        )
        try reactor.stopOnInterrupt(closing: context)
        var failure: (any Error)?
        reactor.task { reactor in
            do {
                try await server.run()
            } catch let error as ZMQError where error.code == .terminated {
                // Ctrl-C.
            } catch {
                failure = error
                context.terminate(thenStop: reactor)
            }
        }
        reactor.run()
        if let failure { throw failure }
    }
}
