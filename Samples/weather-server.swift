// Publishes made-up weather for random zip codes, as fast as its subscribers can take it, or at a steady rate.

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

    @Option(help: "The time between batches of 100 updates, in milliseconds; 0 for as many as subscribers can take.")
    var interval = 0

    func validate() throws {
        guard interval >= 0 else { throw ValidationError("--interval must be 0 or more.") }
    }

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let publisher = try PubSocket(on: reactor, in: context)
        for endpoint in bind { try publisher.bind(endpoint) }

        func publishBatch() {
            for _ in 0..<100 {
                let zip = String(Int.random(in: 100_000..<200_000)).dropFirst()  // five digits
                // Always accepted: a subscriber without room misses it.
                _ = try? publisher.send("\(zip) \(Int.random(in: -80..<135)) \(Int.random(in: 10..<60))")
            }
        }
        if interval > 0 {
            reactor.every(.milliseconds(interval)) { _ in publishBatch() }
        } else {
            // One batch whenever the loop is idle: subscriptions and signals are served in between.
            reactor.onIdle { _ in publishBatch() }
        }
        reactor.run()
    }
}
