// Keeps a map that clients share.

import ArgumentParser
import Clone
import Foundation
import ZMQReactor

@main
struct CloneServerProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clone-server",
        abstract: "Keep a map that clients share."
    )

    @Option(help: "The first of three TCP ports in a row, or what the names of three endpoints begin with.")
    var bind = "5556"

    @Option(help: "The file in which changes are kept.")
    var journal = "clone.journal"

    func run() throws {
        let endpoints = Int(bind).map { CloneEndpoints(host: "*", port: $0) } ?? CloneEndpoints(prefix: bind)
        let reactor = try Reactor()
        let context = Context()
        let server = try CloneServer(at: endpoints, journal: journal, on: reactor, in: context)
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
