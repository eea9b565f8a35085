// A status page, and a bakery on two threads that gives it something to show: customers with names and passwords, a slow
// baker, a subscriber that does not listen, and a supplier that is closed.

import ArgumentParser
import Foundation
import ZMQReactor
import ZMQReactorStatus

@main
struct StatusPageSample: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status-page",
        abstract: "Show in a browser what sockets do."
    )

    @Option(help: "The endpoint for browsers.")
    var bind = "tcp://127.0.0.1:8090"

    func run() throws {
        let reactor = try Reactor()
        let context = Context()
        try reactor.stopOnInterrupt(closing: context)
        let page = try StatusPage(on: reactor, in: context, at: bind)
        let bakery = try Bakery(on: reactor, in: context)
        let customers = try Reactor.start(named: "customers") { [places = bakery.places] reactor in
            for (name, pace) in [("alice", 9.0), ("bob", 4.0), ("carol", 1.0)] {
                try order(as: name, pace: pace, at: places.orders, on: reactor, in: context)
            }
            let listener = try SubSocket(on: reactor, in: context) { _, _ in }
            listener.pause()
            try listener.subscribe(to: "")
            try listener.connect(places.news)
        }
        print("Open \(page.url) in a browser")
        fflush(nil)
        reactor.run()
        customers.stop()
        customers.join()
    }
}

/// Small marks: queues that are seen to be full.
private let fewMessages: SocketOptions = {
    var options = SocketOptions()
    options.sendHighWaterMark = 100
    options.receiveHighWaterMark = 100
    options.heartbeatInterval = .seconds(1)
    return options
}()

/// Takes orders, and has them baked.
private struct Bakery {
    let places: (orders: String, news: String)

    init(on reactor: Reactor, in context: Context) throws {
        var options = fewMessages
        options.security = .plainServer(
            authenticator: Authenticator { request in
                guard case .plain(let name, let password) = request.credentials, password == Password("bread") else {
                    return .refuse("\(request.address) has no bread")
                }
                return .accept(userID: name, properties: ["Customer-Since": Array("1998".utf8)])
            }
        )
        let news = try PubSocket(on: reactor, in: context)
        let freshBread = Message(String(repeating: "fresh bread, ", count: 1000))
        let oven = try PushSocket(on: reactor, in: context, options: fewMessages)
        let counter = try RouterSocket(on: reactor, in: context, options: options) { counter, order in
            // Over the mark of a customer, or of the oven, an order is lost, and counted: the page shows it.
            _ = try? counter.send(order)
            _ = try? oven.send(order.suffix(1) ?? Message())
            _ = try? news.send(freshBread)
        }
        places = (try counter.bind("tcp://127.0.0.1:*"), try news.bind("tcp://127.0.0.1:*"))

        // Takes an order when the last one is baked.
        let baker = try PullSocket(on: reactor, in: context, options: fewMessages)
        reactor.every(.milliseconds(50)) { _ in
            for _ in 0..<3 { _ = try? baker.tryReceive() }
        }
        try baker.connect(try oven.bind("inproc://oven"))

        let supplier = try ReqSocket(on: reactor, in: context)
        try supplier.connect("tcp://127.0.0.1:9")
        let thief = try DealerSocket(on: reactor, in: context, options: try credentials("mallory", "cake"))
        try thief.connect(places.orders)
    }
}

private func credentials(_ name: String, _ password: String) throws -> SocketOptions {
    var options = fewMessages
    options.security = try .plainClient(username: name, password: Password(password))
    return options
}

/// Orders more in some minutes than in others.
private func order(
    as name: String,
    pace: Double,
    at place: String,
    on reactor: Reactor,
    in context: Context
) throws {
    let customer = try DealerSocket(on: reactor, in: context, options: try credentials(name, "bread")) { _, _ in }
    try customer.setRoutingID("\(name)'s till")
    try customer.connect(place)
    var ticks = 0.0
    reactor.every(.milliseconds(25)) { _ in
        ticks += 1
        let count = pace * (1.2 + sin(ticks / 100 * (1 + pace / 20)))
        // An order without room is not placed: the page shows the full queue.
        for _ in 0..<Int(count + .random(in: 0...1)) { _ = try? customer.send("two loaves") }
    }
}
