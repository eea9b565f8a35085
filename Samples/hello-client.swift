// Sends "Hello" ten times, each time after the previous reply.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct HelloClient: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hello-client",
        abstract: "Send \"Hello\" ten times, and wait for each reply."
    )

    @Option(help: "The server.")
    var connect = "tcp://localhost:5555"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        print("Connecting to hello world server...")
        fflush(nil)
        let requester = try ReqSocket(on: reactor, in: context)
        try requester.connect(connect)

        func ask(_ number: Int) {
            guard number < 10 else { return context.terminate(thenStop: reactor) }
            print("Sending Hello \(number)...")
            fflush(nil)
            // The completion reports every failure, also that there is no room.
            _ = try? requester.request("Hello") { result in
                guard case .success(let reply) = result else { return }
                print("Received \(reply.string) \(number)")
                ask(number + 1)
            }
        }
        ask(0)
        reactor.run()
    }
}
