// Replies to requests in several threads: they exchange messages, and share nothing but the context.

import ArgumentParser
import Foundation
import ZMQReactor

@main
struct MultithreadedServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "multithreaded-server",
        abstract: "Reply to each request with \"World\", several at a time."
    )

    @Option(help: "The endpoint for clients.")
    var bind = "tcp://*:5555"

    @Option(help: "The number of threads that do the work.")
    var workers = 5

    @Option(help: "How long a request takes, in milliseconds.")
    var work = 1000

    func validate() throws {
        guard (1...1000).contains(workers) else { throw ValidationError("--workers must be 1 to 1000.") }
        guard work >= 0 else { throw ValidationError("--work must be 0 or more.") }
    }

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let clients = try RouterSocket(on: reactor, in: context)
        try clients.bind(bind)
        let backend = try DealerSocket(on: reactor, in: context)
        try backend.bind("inproc://workers")
        for number in 1...workers {
            try context.startThread(named: "worker \(number)", on: reactor) { [work] reactor, _ in
                let responder = try RepSocket(on: reactor, in: context) { _, request, reply in
                    print("Received request: [\(request.string)]")
                    fflush(nil)
                    // This thread may block: no other one waits for it.
                    Thread.sleep(forTimeInterval: Double(work) / 1000)
                    reply.send("World")
                }
                try responder.connect("inproc://workers")
            }
        }
        try Proxy(frontend: clients, backend: backend)
        reactor.run()
    }
}
