import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/LostPeers.md shows.
enum LostPeersPage {
    static func options() -> SocketOptions {
        var options = SocketOptions()
        options.heartbeatInterval = .seconds(2)
        options.heartbeatTimeout = .seconds(5)
        options.writeTimeout = .seconds(10)
        return options
    }
}
