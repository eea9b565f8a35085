// Subscribes to messages that contain their sender's address, and sends one request there.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct AddressSubscriber: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "address-subscriber",
        abstract: "Show messages, and send a request to the sender of the first."
    )

    @Option(help: "The publisher.")
    var connect = "tcp://localhost:5563"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let requester = try ReqSocket(on: reactor, in: context)
        var hasAsked = false
        let subscriber = try SubSocket(on: reactor, in: context) { _, message in
            // A publisher may send anything: a message with fewer frames is ignored.
            guard let address = message.frame(1)?.string, let text = message.frame(2)?.string else { return }
            print("[\(message[0].string)] \(text)")
            fflush(nil)
            guard !hasAsked, (try? requester.connect(address)) != nil else { return }
            hasAsked = true
            // The completion reports every failure, also that there is no room.
            _ = try? requester.request("Hello") { result in
                guard case .success(let answer) = result else { return }
                print("Received \(answer.string) from \(address)")
                fflush(nil)
            }
        }
        try subscriber.connect(connect)
        try subscriber.subscribe(to: "B")
        reactor.run()
    }
}
