import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/PeerSocket.md shows.
enum PeerSocketPage {
    static func node(_ reactor: Reactor, _ context: Context) throws {
        let node = try PeerSocket(on: reactor, in: context) { node, message in
            print(message[0], "says", message[1].string)
        }
        try node.bind("tcp://*:5560")
        let neighbour = try node.connectPeer("tcp://neighbour:5560")
        if try node.send("hello", to: neighbour) == .wouldBlock { print("the neighbour has no room") }
    }
}
