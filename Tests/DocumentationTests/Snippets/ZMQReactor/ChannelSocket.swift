import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/ChannelSocket.md shows.
enum ChannelSocketPage {
    static func channel(_ reactor: Reactor, _ context: Context) throws {
        let here = try ChannelSocket(on: reactor, in: context) { _, message in print("here:", message.string) }
        let there = try ChannelSocket(on: reactor, in: context) { there, message in
            // There is room: one answer to each message.
            _ = try there.send("you said \(message.string)")
        }
        try here.bind("inproc://conversation")
        try there.connect("inproc://conversation")
        if try here.send("hello") == .wouldBlock { print("the other end is not connected") }
    }
}
