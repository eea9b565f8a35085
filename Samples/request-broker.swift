// Hands requests from any number of clients to any number of workers, and the replies back.

import ArgumentParser
import ZMQReactor

@main
struct RequestBroker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request-broker",
        abstract: "Pass requests and replies between clients and workers."
    )

    @Option(help: "Where clients connect to.")
    var frontend = "tcp://*:5559"

    @Option(help: "Where workers connect to.")
    var backend = "tcp://*:5560"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let broker = try Broker(reactor, context)
        try broker.frontend.bind(frontend)
        try broker.backend.bind(backend)
        reactor.run()
    }
}

/// Keeps no queue of its own: requests wait in the sockets, and behind them in those of the clients.
private final class Broker: RouterHandler, DealerHandler {
    private(set) var frontend: RouterSocket!
    private(set) var backend: DealerSocket!
    private var heldRequest: Message?
    private var heldReply: Message?

    init(_ reactor: Reactor, _ context: Context) throws {
        frontend = try RouterSocket(on: reactor, in: context, handler: self)
        // Without this it would drop what a client is too slow for, and with it, such a client holds up the others.
        frontend.isMandatory = true
        backend = try DealerSocket(on: reactor, in: context, handler: self)
    }

    /// A request, with the address of its client in front.
    func socket(_ frontend: RouterSocket, received request: Message) {
        guard (try? backend.send(request)) != .accepted else { return }
        // There is no worker that has room: no more requests until there is.
        heldRequest = request
        frontend.pause()
    }

    func socketIsWritable(_ backend: DealerSocket) {
        guard let request = heldRequest, (try? backend.send(request)) == .accepted else { return }
        heldRequest = nil
        frontend.resume()
    }

    /// A reply, with that address in front. One for a client that is gone is for nobody.
    func socket(_ backend: DealerSocket, received reply: Message) {
        guard (try? frontend.send(reply)) == .wouldBlock else { return }
        heldReply = reply
        backend.pause()
    }

    /// The client has room again, or has gone.
    func socketIsWritable(_ frontend: RouterSocket) {
        guard let reply = heldReply, (try? frontend.send(reply)) != .wouldBlock else { return }
        heldReply = nil
        backend.resume()
    }
}
