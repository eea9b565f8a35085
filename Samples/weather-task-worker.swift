// Receives weather updates and does tasks, both on one loop.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct WeatherTaskWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weather-task-worker",
        abstract: "Do tasks and receive weather updates until the kill signal arrives."
    )

    @Option(help: "The weather server.")
    var weather = "tcp://localhost:5556"

    @Option(help: "The prefix of the updates to subscribe to.")
    var filter = "10001 "

    @Option(help: "The ventilator.")
    var tasks = "tcp://localhost:5557"

    @Option(help: "The sink.")
    var results = "tcp://localhost:5558"

    @Option(help: "The endpoint of the kill signal.")
    var control = "tcp://localhost:5559"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        var (updates, done) = (0, 0)
        var isStopping = false

        let weather = try SubSocket(on: reactor, in: context) { _, message in
            updates += 1
            print("weather \(message.string)")
            fflush(nil)
        }
        try weather.connect(self.weather)
        try weather.subscribe(to: filter)

        let results = try PushSocket(on: reactor, in: context)
        try results.connect(self.results)

        // A task is the number of milliseconds it takes. Weather updates arrive while it runs.
        var isBusy = false
        let tasks = try PullSocket(on: reactor, in: context) { tasks, message in
            print("task \(message.string) msec")
            fflush(nil)
            tasks.pause()
            isBusy = true
            reactor.after(.milliseconds(message[0].decimal ?? 0)) { timer in
                // If the sink has no room for the result, try again shortly.
                guard (try? results.send(Message())) == .accepted else {
                    timer.reschedule(after: .milliseconds(1))
                    return
                }
                done += 1
                isBusy = false
                if isStopping { context.terminate(thenStop: reactor) } else { tasks.resume() }
            }
        }
        try tasks.connect(self.tasks)

        let control = try SubSocket(on: reactor, in: context) { _, _ in
            isStopping = true
            if !isBusy { context.terminate(thenStop: reactor) }
        }
        try control.connect(self.control)
        try control.subscribe(to: "")

        reactor.run()
        print("Weather updates received: \(updates)")
        print("Tasks done: \(done)")
    }
}
