import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Intermediaries.md shows.
enum IntermediariesPage {
    static func broker(_ reactor: Reactor, _ context: Context) throws {
        let clients = try RouterSocket(on: reactor, in: context)
        let workers = try DealerSocket(on: reactor, in: context)
        try clients.bind("tcp://*:5559")
        try workers.bind("tcp://*:5560")
        try Proxy(frontend: clients, backend: workers)
    }

    static func capture(_ reactor: Reactor, _ context: Context) throws {
        let publishers = try XSubSocket(on: reactor, in: context)
        let subscribers = try XPubSocket(on: reactor, in: context)
        let log = try PubSocket(on: reactor, in: context)
        try publishers.bind("tcp://*:5555")
        try subscribers.bind("tcp://*:5556")
        try log.bind("ipc:///tmp/log.ipc")
        let proxy = try Proxy(frontend: publishers, backend: subscribers, capture: log)
        proxy.onEnd = { proxy, _ in print(proxy.statistics.messagesCaptured, "messages were captured") }
    }
}
