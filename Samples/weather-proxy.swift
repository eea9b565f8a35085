// Forwards the weather of an inner network to subscribers in an outer one.

import ArgumentParser
import ZMQReactor

@main
struct WeatherProxy: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weather-proxy",
        abstract: "Republish another publisher's updates at a second endpoint."
    )

    @Option(help: "The weather server.")
    var connect = "tcp://localhost:5556"

    @Option(help: "The endpoint for outer subscribers.")
    var bind = "tcp://*:8100"

    @Flag(help: "Receive all updates, even without subscribers.")
    var plain = false

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let (inside, outside): (Socket, Socket)
        if plain {
            let subscriber = try SubSocket(on: reactor, in: context)
            try subscriber.subscribe(to: "")
            (inside, outside) = (subscriber, try PubSocket(on: reactor, in: context))
        } else {
            // Subscriptions of the outer subscribers are forwarded to the server, which sends nothing else.
            (inside, outside) = (try XSubSocket(on: reactor, in: context), try XPubSocket(on: reactor, in: context))
        }
        try inside.connect(connect)
        try outside.bind(bind)
        try Proxy(frontend: inside, backend: outside)
        reactor.run()
    }
}
