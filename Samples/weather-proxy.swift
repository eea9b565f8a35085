// Brings the weather of an inner network to subscribers in an outer one.

import ArgumentParser
import ZMQReactor

@main
struct WeatherProxy: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weather-proxy",
        abstract: "Publish another publisher's updates once more, elsewhere."
    )

    @Option(help: "The weather server.")
    var connect = "tcp://localhost:5556"

    @Option(help: "Where outer subscribers connect to.")
    var bind = "tcp://*:8100"

    @Flag(help: "Receive all updates, whether or not anybody has subscribed to them.")
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
            // What outer subscribers ask for travels to the server, and nothing else comes from there.
            (inside, outside) = (try XSubSocket(on: reactor, in: context), try XPubSocket(on: reactor, in: context))
        }
        try inside.connect(connect)
        try outside.bind(bind)
        try Proxy(frontend: inside, backend: outside)
        reactor.run()
    }
}
