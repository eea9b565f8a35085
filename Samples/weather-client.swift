// Subscribes to the weather of one zip code and averages the temperature over 100 updates.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct WeatherClient: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weather-client",
        abstract: "Average the temperature of 100 weather updates."
    )

    @Option(help: "The weather server.")
    var connect = "tcp://localhost:5556"

    @Argument(help: "The prefix of the updates to subscribe to.")
    var filter = "10001 "

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        var (updates, total) = (0, 0)
        print("Collecting updates from weather server...")
        fflush(nil)

        let subscriber = try SubSocket(on: reactor, in: context) { [filter] subscriber, message in
            let fields = message.string.split(separator: " ")
            total += fields.count > 1 ? Int(fields[1]) ?? 0 : 0
            updates += 1
            guard updates == 100 else { return }
            print("Average temperature for zipcode '\(filter)' was \(total / updates)F")
            subscriber.pause()
            context.terminate(thenStop: reactor)
        }
        try subscriber.connect(connect)
        try subscriber.subscribe(to: filter)
        reactor.run()
    }
}
