// Answers the requests of http-gateway. Start any number of them.

import ArgumentParser
import ZMQReactor

@main
struct GatewayWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway-worker",
        abstract: "Square numbers, as a worker of http-gateway."
    )

    @Option(help: "The gateway.")
    var connect = "tcp://localhost:5570"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let worker = try RepSocket(on: reactor, in: context) { _, request, reply in
            reply.send(request.frame(0)?.decimal.map { "\($0 &* $0)" } ?? "not a number")
        }
        try worker.connect(connect)
        reactor.run()
    }
}
