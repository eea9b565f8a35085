import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Names.md shows.
enum NamesPage {
    static func allAddresses(_ reactor: Reactor, _ context: Context) throws {
        var options = SocketOptions()
        options.connectsToAllAddresses = true
        options.lookupInterval = .seconds(5)
        options.isImmediate = true
        let tasks = try PushSocket(on: reactor, in: context, options: options)
        try tasks.connect("tcp://workers.example.svc.cluster.local:5557")
    }

    static func passedDescriptors(_ reactor: Reactor, _ context: Context) throws {
        let server = try RepSocket(on: reactor, in: context) { _, request, reply in
            reply.send("Hello, \(request.string)")
        }
        for endpoint in try server.bind(passed: "hello") { print("listening at \(endpoint)") }
    }
}
