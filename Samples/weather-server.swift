// Publishes made-up weather for random zip codes, as fast as its subscribers can take it.

import ArgumentParser
import ZMQReactor

@main
struct WeatherServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weather-server",
        abstract: "Publish weather updates: \"ZIP TEMPERATURE HUMIDITY\"."
    )

    @Option(help: "The endpoint for subscribers, such as epgm://eth0;239.192.1.1:5556. Repeatable.")
    var bind = ["tcp://*:5556"]

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let publisher = try PubSocket(on: reactor, in: context)
        for endpoint in bind { try publisher.bind(endpoint) }

        // One batch whenever the loop is idle: subscriptions and signals are served in between.
        reactor.onIdle { _ in
            for _ in 0..<100 {
                let zip = String(Int.random(in: 100_000..<200_000)).dropFirst()  // five digits
                // Always accepted: a subscriber without room misses it.
                _ = try? publisher.send("\(zip) \(Int.random(in: -80..<135)) \(Int.random(in: 10..<60))")
            }
        }
        reactor.run()
    }
}
