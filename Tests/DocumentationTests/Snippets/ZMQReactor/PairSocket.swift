import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/PairSocket.md shows.
enum PairSocketPage {
    static func pair(_ reactor: Reactor, _ context: Context) throws {
        let here = try PairSocket(on: reactor, in: context) { _, message in print("here:", message.string) }
        let there = try PairSocket(on: reactor, in: context) { there, message in
            // There is room: one answer to each message.
            _ = try there.send("you said \(message.string)")
        }
        try here.bind("inproc://conversation")
        try there.connect("inproc://conversation")
        if try here.send("hello") == .wouldBlock { print("the other end is not connected") }
    }

    final class Conversation: PairHandler {
        func socket(_ socket: PairSocket, received message: Message) { print(message.string) }

        func socketIsWritable(_ socket: PairSocket) { print("there is room again") }
    }
}
