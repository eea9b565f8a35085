// Reports to the publisher that it is ready, and counts the updates until the end.

import ArgumentParser
import ZMQReactor

@main
struct SyncSubscriber: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync-subscriber",
        abstract: "Subscribe, report to the publisher, and count the updates."
    )

    @Option(help: "The publisher.")
    var connect = "tcp://localhost:5561"

    @Option(help: "The endpoint for the ready message.")
    var sync = "tcp://localhost:5562"

    @Option(help: "The time for a subscription to reach the publisher, in milliseconds.")
    var wait = 1000

    @Flag(help: "Reply to the publisher's first \"Hello\" instead of waiting.")
    var repeatHello = false

    func validate() throws {
        guard wait >= 0 else { throw ValidationError("--wait must be 0 or more.") }
    }

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let requester = try ReqSocket(on: reactor, in: context)
        try requester.connect(sync)
        var hasReported = false
        func report() {
            guard !hasReported else { return }
            hasReported = true
            // The reply means nothing; the publisher counts requests. The endpoint's queue is empty, so there is room.
            _ = try? requester.request("") { _ in }
        }

        var updates = 0
        let subscriber = try SubSocket(on: reactor, in: context) { subscriber, message in
            switch message.string {
            case "Hello": report()
            case "END":
                print("Received \(updates) updates")
                subscriber.pause()
                context.terminate(thenStop: reactor)
            default: updates += 1
            }
        }
        try subscriber.connect(connect)
        try subscriber.subscribe(to: "")
        if !repeatHello {
            // No event reports that a subscription has arrived at the other side.
            subscriber.onEvent = { [wait] _, event in
                guard case .handshakeSucceeded = event else { return }
                reactor.after(.milliseconds(wait)) { _ in report() }
            }
        }
        reactor.run()
    }
}
