import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Multicast.md shows.
enum MulticastPage {
    static func overview(_ reactor: Reactor, _ context: Context) throws {
        let endpoint = "epgm://eth0;239.192.1.1:5556"
        var options = SocketOptions()
        options.multicastRate = 400_000  // 400 Mbit/s

        let publisher = try PubSocket(on: reactor, in: context, options: options)
        try publisher.bind(endpoint)

        let subscriber = try SubSocket(on: reactor, in: context, options: options) { _, message in
            print(message.strings)
        }
        try subscriber.connect(endpoint)
        try subscriber.subscribe(to: "weather")
    }
}
