import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/DealerSocket.md shows.
enum DealerSocketPage {
    static func deal(_ reactor: Reactor, _ context: Context) throws {
        let socket = try DealerSocket(on: reactor, in: context) { _, answer in
            print("answer to", answer[0].string, "is", answer.last.string)
        }
        try socket.connect("tcp://localhost:5559")
        for number in 0..<10 {
            if try socket.send(["\(number)", "", "how much is it?"]) == .wouldBlock { print("no room for", number) }
        }
    }

    final class Backend: DealerHandler {
        func socket(_ socket: DealerSocket, received message: Message) { print(message) }

        func socketIsWritable(_ socket: DealerSocket) { print("there is room again") }
    }
}
