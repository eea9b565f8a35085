// Three threads that wait for each other through messages alone: each starts the one before it, which signals when it
// is ready.

import ArgumentParser
import ZMQReactor

@main
struct ThreadRelay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "thread-relay",
        abstract: "Pass a signal through three threads."
    )

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)

        let step2 = try context.startThread(named: "step 2", on: reactor) { reactor, step3 in
            let step1 = try context.startThread(named: "step 1", on: reactor) { _, step2 in
                print("Step 1 ready, signaling step 2")
                // The only message on this pair: there is room.
                _ = try step2.send("READY")
                step2.close()
            }
            step1.socket.onMessage { step1, _ in
                step1.close()
                print("Step 2 ready, signaling step 3")
                // As above.
                _ = try step3.send("READY")
                step3.close()
            }
        }
        step2.socket.onMessage { _, _ in
            print("Test successful!")
            context.terminate(thenStop: reactor)
        }
        reactor.run()
    }
}
