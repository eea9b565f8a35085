// Waits until all subscribers are ready, and then publishes without any of them missing an update.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct SyncPublisher: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync-publisher",
        abstract: "Wait for all subscribers, then publish a million updates."
    )

    @Option(help: "The endpoint for subscribers.")
    var bind = "tcp://*:5561"

    @Option(help: "The endpoint for their ready messages.")
    var sync = "tcp://*:5562"

    @Option(help: "The number of subscribers to wait for.")
    var subscribers = 10

    @Option(help: "The number of updates.")
    var updates = 1_000_000

    @Option(help: "The most updates queued for a subscriber before it misses some.")
    var highWaterMark = 1_100_000

    @Flag(help: "Publish \"Hello\" until all subscribers have answered.")
    var repeatHello = false

    func validate() throws {
        guard subscribers > 0 else { throw ValidationError("--subscribers must be 1 or more.") }
        guard updates >= 0 else { throw ValidationError("--updates must be 0 or more.") }
        guard highWaterMark >= 0 else { throw ValidationError("--high-water-mark must be 0 or more.") }
    }

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        var options = SocketOptions()
        options.sendHighWaterMark = highWaterMark
        options.linger = .untilSent
        let publisher = try PubSocket(on: reactor, in: context, options: options)
        try publisher.bind(bind)

        var present = 0
        if repeatHello {
            // A subscriber that replies to this has subscribed. A PUB accepts every message: one without room misses it.
            reactor.every(.milliseconds(10)) { [subscribers] timer in
                guard present < subscribers, !publisher.isClosed else { return timer.cancel() }
                try publisher.send("Hello")
            }
        }
        let synchronizer = try RepSocket(on: reactor, in: context) { [subscribers, updates] synchronizer, _, reply in
            reply.send("")
            present += 1
            guard present == subscribers else { return }
            synchronizer.pause()
            print("Broadcasting messages")
            fflush(nil)
            var left = updates
            // A PUB accepts every message; a subscriber without room misses it. One batch whenever the loop is idle, which is when the last one is on its way.
            reactor.onIdle { idle in
                guard !publisher.isClosed else { return idle.cancel() }
                for _ in 0..<min(left, 1000) { try publisher.send("Rhubarb") }
                left -= min(left, 1000)
                guard left == 0 else { return }
                try publisher.send("END")
                idle.cancel()
                context.terminate(thenStop: reactor)
            }
        }
        try synchronizer.bind(sync)
        print("Waiting for subscribers")
        fflush(nil)
        reactor.run()
    }
}
