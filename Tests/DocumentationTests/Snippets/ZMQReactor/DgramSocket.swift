import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Sockets/DgramSocket.md shows.
enum DgramSocketPage {
    static func beacon(_ reactor: Reactor, _ context: Context) throws {
        let beacon = try DgramSocket(on: reactor, in: context) { beacon, message in
            print(message[0].string, "says", message[1].string)
            // As any datagram, it may be lost: when there is no room, too.
            _ = try beacon.send("welcome", to: message[0])
        }
        try beacon.bind("udp://*:5670")
        if try beacon.send("here I am", to: "255.255.255.255:5670") == .wouldBlock { print("no room") }
    }

    static func tasks(_ reactor: Reactor, _ context: Context) async throws {
        let dgram = try DgramSocket(on: reactor, in: context)
        try dgram.bind("udp://*:*")
        try await dgram.sendWhenReady("ping", to: "192.0.2.1:7")
        let answer = try await dgram.receive(within: .seconds(1))
        print(answer[1].string)
    }
}
