import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Limits.md shows.
enum LimitsPage {
    static func options(_ reactor: Reactor, _ context: Context) throws {
        var options = SocketOptions()
        options.limits.connectionsPerAddress = 200
        options.limits.slowPeerTimeout = .seconds(30)
        let server = try RouterSocket(on: reactor, in: context, options: options)
        server.onEvent = { _, event in
            if let limit = event.reason?.limit { print("\(limit): \(event)") }
        }
        try server.bind("tcp://*:5555")
    }

    static func counters(_ reactor: Reactor, _ server: RouterSocket) {
        reactor.every(.seconds(10)) { _ in
            let refused = server.statistics.limits
            if refused.total > 0 { print("limits so far:", refused) }
        }
    }
}
