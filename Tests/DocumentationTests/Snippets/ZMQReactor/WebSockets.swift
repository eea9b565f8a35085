import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/WebSockets.md shows.
enum WebSocketsPage {
    static func endpoints(_ prices: PubSocket) throws {
        try prices.bind("tcp://*:5556")
        try prices.bind("ws://*:8080/prices")
    }

    static func bareClients(_ reactor: Reactor, _ context: Context) throws {
        var options = SocketOptions()
        options.webSocketClients = .binaryAndText
        options.webSocketOrigins = ["https://weather.example"]
        let echo = try RepSocket(on: reactor, in: context, options: options) { _, request, reply in
            reply.send(request)
        }
        try echo.bind("ws://*:8080/echo")
    }

    static func encrypted(_ reactor: Reactor, _ context: Context) throws {
        var options = SocketOptions()
        options.tls.certificateFile = "/etc/ssl/weather.pem"
        options.tls.privateKeyFile = "/etc/ssl/weather.key"
        let weather = try PubSocket(on: reactor, in: context, options: options)
        try weather.bind("wss://*:8443/weather")
    }
}
