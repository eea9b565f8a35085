import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/SharedMemory.md shows.
enum SharedMemoryPage {
    static func off(_ reactor: Reactor, _ context: Context) throws -> PushSocket {
        var options = SocketOptions()
        options.ipcSharesMemory = false
        let push = try PushSocket(on: reactor, in: context, options: options)
        return push
    }
}
