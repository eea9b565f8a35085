import Glibc
import ZMQReactor
import ZMQReactorTesting
import ZMTP

/// Finds what a world leaves behind.
final class Leftovers {
    private struct Weak<Object: AnyObject> { weak var object: Object? }

    private var sockets: [Weak<Socket>] = []
    private var reactors: [Weak<Reactor>] = []
    private var contexts: [Weak<Context>] = []
    private var chunksBefore = Chunk.countsOfThread
    private var buffersAtRest = 0

    func begin() { chunksBefore = Chunk.countsOfThread }

    func watch(_ socket: Socket) { sockets.append(Weak(object: socket)) }

    func watch(_ program: Program) {
        contexts.append(Weak(object: program.context))
        for loop in program.loops { reactors.append(Weak(object: loop.reactor)) }
        if let sessions = program.sessions { reactors.append(Weak(object: sessions)) }
    }

    /// Everything is idle: no connection has a buffer; all are with the pools of the reactors.
    ///
    /// - Parameter channels: within programs, also to their sessions, the ends of connections, each of which keeps what
    ///   it has begun to fill.
    func noteRest(of reactors: [Reactor], channels: Int) {
        let spare = reactors.reduce(0) { $0 + $1.spareChunks }
        buffersAtRest = max(Chunk.countsOfThread.large - chunksBefore.large - spare - channels, 0)
    }

    /// Call when all is closed.
    func count(in scene: TestScene) -> Remains {
        let watchers = scene.clock.reactors.filter { $0 !== scene.reactor }.map(\.activeWatchers)
        return Remains(
            chunks: Chunk.countsOfThread.all - chunksBefore.all - scene.reactor.spareChunks,
            buffersAtRest: buffersAtRest,
            sockets: sockets.count { $0.object != nil },
            reactors: reactors.count { $0.object != nil },
            contexts: contexts.count { $0.object != nil },
            streams: scene.network.connections.count,
            timers: watchers.map(\.timers).reduce(0, +),
            watchers: watchers.map(\.others).reduce(0, +)
        )
    }

    /// The number of the process's descriptors.
    static var openDescriptors: Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count
    }
}
