// Forwards requests from any number of clients to any number of workers, and the replies back.

import ArgumentParser
import Foundation
import ZMQReactor
import ZMQReactorStatus

@main
struct RequestBroker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request-broker",
        abstract: "Forward requests and replies between clients and workers."
    )

    @Option(help: "The endpoint for clients.")
    var frontend = "tcp://*:5559"

    @Option(help: "The endpoint for workers.")
    var backend = "tcp://*:5560"

    @Option(help: "An endpoint for browsers, such as tcp://127.0.0.1:8090, where a page shows what the broker does.")
    var status: String?

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let broker = try Broker(reactor, context)
        try broker.frontend.bind(frontend)
        try broker.backend.bind(backend)
        if let status {
            let page = try StatusPage(on: reactor, in: context, at: status)
            print("Open \(page.url) in a browser")
            fflush(nil)
        }
        reactor.run()
    }
}

/// It has no queue of its own: requests wait in the sockets, and then in those of the clients.
private final class Broker: RouterHandler, DealerHandler {
    private(set) var frontend: RouterSocket!
    private(set) var backend: DealerSocket!
    private var heldRequest: Message?
    private var heldReply: Message?

    init(_ reactor: Reactor, _ context: Context) throws {
        frontend = try RouterSocket(on: reactor, in: context, handler: self)
        // Otherwise replies for a slow client would be dropped; now such a client holds up the others.
        frontend.isMandatory = true
        backend = try DealerSocket(on: reactor, in: context, handler: self)
    }

    /// A request, behind the address of its client.
    func socket(_ frontend: RouterSocket, received request: Message) {
        guard (try? backend.send(request)) != .accepted else { return }
        // No worker has room: accept no more requests until one has.
        heldRequest = request
        frontend.pause()
    }

    func socketIsWritable(_ backend: DealerSocket) {
        guard let request = heldRequest, (try? backend.send(request)) == .accepted else { return }
        heldRequest = nil
        frontend.resume()
    }

    /// A reply, behind that address. A reply for a client that is gone is dropped.
    func socket(_ backend: DealerSocket, received reply: Message) {
        guard (try? frontend.send(reply)) == .wouldBlock else { return }
        heldReply = reply
        backend.pause()
    }

    /// The client has room again, or is gone.
    func socketIsWritable(_ frontend: RouterSocket) {
        guard let reply = heldReply, (try? frontend.send(reply)) != .wouldBlock else { return }
        heldReply = nil
        backend.resume()
    }
}
