// Squares numbers, and is as unreliable as desired.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct PirateServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pirate-server",
        abstract: "Square numbers, and be as unreliable as desired."
    )

    @Option(help: "The endpoint for clients.")
    var bind = "tcp://*:5555"

    @Option(help: "The number of the request that is answered only after 4 seconds.")
    var stall: Int?

    @Option(help: "The number of the request with which to crash.")
    var crash: Int?

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        var count = 0
        let server = try RepSocket(on: reactor, in: context) { [unowned reactor] _, request, reply in
            count += 1
            if count == crash { abort() }
            let answer = request.frame(0)?.decimal.map { "\($0) \($0 &* $0)" } ?? "not a number"
            guard count == stall else { return reply.send(answer) }
            print("stalling at request \(count)")
            reactor.after(.seconds(4)) { _ in reply.send(answer) }
        }
        try server.bind(bind)
        reactor.run()
    }
}
