import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/RepSocket.md shows.
enum RepSocketPage {
    static func answer(_ reactor: Reactor, _ context: Context) throws {
        let socket = try RepSocket(on: reactor, in: context) { _, request, reply in
            reply.send("Hello, \(request.string)")
        }
        try socket.bind("tcp://*:5555")
    }

    static func later(_ reactor: Reactor, _ context: Context) throws {
        let socket = try RepSocket(on: reactor, in: context) { _, _, reply in
            reactor.after(.seconds(1)) { _ in reply.send("World") }
        }
        try socket.bind("tcp://*:5555")
    }

    final class Clock: RepHandler {
        func socket(_ socket: RepSocket, received request: Message, reply: Reply) {
            reply.send("\(WallClockTime.now)")
        }
    }
}
