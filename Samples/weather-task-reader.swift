// Polls two sockets as in a program without an event loop: check both, sleep a millisecond, check again.
//
// Use this only if nothing else is possible. `weather-task-worker` shows the better way: a handler for each socket.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct WeatherTaskReader: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weather-task-reader",
        abstract: "Receive tasks and weather updates by polling every millisecond."
    )

    @Option(help: "The ventilator.")
    var tasks = "tcp://localhost:5557"

    @Option(help: "The weather server.")
    var weather = "tcp://localhost:5556"

    @Option(help: "The prefix of the updates to subscribe to.")
    var filter = "10001 "

    @Option(help: "The polling interval, in milliseconds.")
    var pause = 1

    @Flag(help: "Receive tasks and updates in turn, so that many tasks do not delay the updates.")
    var fair = false

    func validate() throws {
        guard pause > 0 else { throw ValidationError("--pause must be 1 or more.") }
    }

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        // Without a handler, messages are queued until they are received.
        let tasks = try PullSocket(on: reactor, in: context)
        try tasks.connect(self.tasks)
        let weather = try SubSocket(on: reactor, in: context)
        try weather.connect(self.weather)
        try weather.subscribe(to: filter)

        /// Receives one message, if there is one.
        func take(_ name: String, from socket: some ReceivingSocket) -> Bool {
            guard let message = try? socket.tryReceive() else { return false }
            print(name, message.string)
            return true
        }
        reactor.every(.milliseconds(pause)) { [fair] _ in
            if fair {
                var foundAny = true
                while foundAny {
                    foundAny = take("task", from: tasks)
                    foundAny = take("weather", from: weather) || foundAny
                }
            } else {
                while take("task", from: tasks) {}
                while take("weather", from: weather) {}
            }
            fflush(nil)
        }
        reactor.run()
    }
}
