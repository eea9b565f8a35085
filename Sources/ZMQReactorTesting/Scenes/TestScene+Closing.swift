import EventReactor
import ZMQReactor
import ZMTP

/// Runs a test in a scene of its own, then closes the scene, see ``TestScene/close()``.
///
/// - Parameters:
///   - seed: for everything that is random in the scene.
///   - body: the test.
/// - Throws: what the body throws, or ``TestFailure`` when something is left behind.
public func withTestScene<Result>(seed: UInt64 = 0, _ body: (TestScene) throws -> Result) throws -> Result {
    let scene = try TestScene(seed: seed)
    let result: Result
    do {
        result = try body(scene)
    } catch {
        scene.abandon()
        throw error
    }
    try scene.close()
    return result
}

extension TestScene {
    /// How long sockets may linger when the scene is closed.
    private static let lingerLimit = Duration.seconds(120)

    /// Closes all sockets that are open, each with its linger, and checks that nothing is left: no socket that
    /// something still refers to, no timer, no watcher, no connection, no memory of received messages.
    ///
    /// Raw peers are to be hung up or released before, and received messages to be released or replaced by a copy: a
    /// message keeps all the memory that was read together with it, which is checked in builds with assertions. The
    /// scene is of no use afterwards.
    ///
    /// - Throws: ``TestFailure`` with what is left.
    public func close() throws(TestFailure) {
        let sockets = clock.reactors.flatMap(\.openSockets).map(WeakSocket.init)
        for socket in sockets { socket.socket?.close() }
        func areOpen() -> Bool { clock.reactors.contains { !$0.openSockets.isEmpty } }
        try? run(until: { !areOpen() }, "the sockets to close", within: Self.lingerLimit)
        var left: [String] = []
        for socket in clock.reactors.flatMap(\.openSockets) {
            left.append("a \(socket.type) socket that does not close")
        }
        for reactor in clock.reactors { reactor.closeSockets() }
        settle()
        for socket in sockets.compactMap(\.socket) {
            left.append("a \(socket.type) socket that something refers to after it was closed")
        }
        for connection in network.connections { left.append("a connection to \(connection.endpoint)") }
        let watchers = clock.reactors.map(\.activeWatchers)
        let (timers, others) = (watchers.map(\.timers).reduce(0, +), watchers.map(\.others).reduce(0, +))
        if timers > 0 { left.append("\(timers) timer\(timers == 1 ? "" : "s")") }
        if others > 0 { left.append("\(others) watcher\(others == 1 ? "" : "s")") }
        abandon()
        let spare = clock.reactors.map(\.spareChunks).reduce(0, +)
        let buffers = Chunk.countsOfThread.buffers - foreignBuffers - spare
        if buffers > 0 { left.append("\(buffers) buffer\(buffers == 1 ? "" : "s") that messages refer to") }
        guard left.isEmpty else { throw TestFailure("the scene leaves \(left.joined(separator: ", "))") }
    }

    /// Closes everything at once, without a check.
    package func abandon() {
        for reactor in clock.reactors { reactor.closeSockets() }
        network.close()
        for reactor in clock.reactors { reactor.run(.nowait) }
        releaseNetwork()
    }

    /// The network and its reactor refer to each other.
    func releaseNetwork() {
        for reactor in clock.reactors { reactor.network = nil }
    }
}

private struct WeakSocket {
    weak var socket: Socket?
}
