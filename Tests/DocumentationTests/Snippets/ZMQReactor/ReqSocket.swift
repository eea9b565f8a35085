import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/ReqSocket.md shows.
enum ReqSocketPage {
    static func ask(_ reactor: Reactor, _ context: Context) throws {
        let socket = try ReqSocket(on: reactor, in: context)
        try socket.connect("tcp://localhost:5555")
        try socket.request("Hello", timeout: .seconds(2), retries: 3) { result in
            switch result {
            case .success(let reply): print("answer:", reply.string)
            case .failure(let error): print("no answer:", error)
            }
        }
    }

    final class Questions: ReqHandler {
        private var number = 0

        func ask(_ socket: ReqSocket) {
            guard (try? socket.send("question \(number)")) == .accepted else { return print("no server yet") }
        }

        func socket(_ socket: ReqSocket, received reply: Message) {
            print("answer \(number):", reply.string)
            number += 1
            ask(socket)
        }

        func socket(_ socket: ReqSocket, failedWith error: ZMQError) { ask(socket) }
    }
}
