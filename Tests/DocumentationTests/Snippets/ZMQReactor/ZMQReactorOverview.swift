import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/ZMQReactor.md shows.
enum ZMQReactorOverviewPage {
    static func overview(_ reactor: Reactor, _ context: Context) throws {
        let server = try RepSocket(on: reactor, in: context) { _, request, reply in
            reply.send("Hello, \(request.string)")
        }
        try server.bind("tcp://*:5555")
        try reactor.stopOnInterrupt(closing: context)
        reactor.run()
    }
}
