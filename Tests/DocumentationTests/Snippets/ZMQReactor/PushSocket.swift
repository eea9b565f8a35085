import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/PushSocket.md shows.
enum PushSocketPage {
    static func ventilate(_ reactor: Reactor, _ context: Context) throws {
        let tasks = try PushSocket(on: reactor, in: context)
        try tasks.bind("tcp://*:5557")
        for number in 1...100 where try tasks.send("\(number)") == .wouldBlock {
            print("no room for number", number)
        }
    }

    final class Lines: PushHandler {
        private var lines: ArraySlice<String>

        init(_ lines: [String]) { self.lines = lines[...] }

        func send(on socket: PushSocket) {
            while let line = lines.first, (try? socket.send(line)) == .accepted { lines.removeFirst() }
        }

        func socketIsWritable(_ socket: PushSocket) { send(on: socket) }
    }
}
