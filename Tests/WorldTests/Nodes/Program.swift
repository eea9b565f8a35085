import ZMQReactor
import ZMQReactorTesting

/// A reactor, and whether it does nothing for the time being, as if a handler computed.
final class Loop {
    fileprivate(set) var reactor: Reactor?
    var isAsleep = false
}

/// A program with one context, and sockets on one or more loops. It may end and begin again.
final class Program {
    let name: String
    let loops: [Loop]
    var nodes: [Node] = []
    /// Two of its sockets with a proxy between them.
    var relay: Relay?
    private(set) var context: Context?
    /// Whether its connections live in sessions, on a reactor of their own.
    var hasSessions = false
    /// That reactor. It never sleeps.
    private(set) var sessions: Reactor?
    /// Counts its starts.
    private(set) var run = 0
    /// Messages that its sockets have reported as unsent, and whether sockets are gone without a report, since the start.
    var unsent = 0
    private(set) var hasCrashed = false

    init(_ name: String, loops: Int = 1) {
        self.name = name
        self.loops = (0..<loops).map { _ in Loop() }
    }

    var isRunning: Bool { context != nil }

    func begin(in scene: TestScene) throws {
        run += 1
        (unsent, hasCrashed) = (0, false)
        sessions = hasSessions ? try scene.makeReactor() : nil
        context = sessions.map { Context(onReactors: [$0.handle]) } ?? Context()
        for loop in loops { loop.reactor = try scene.makeReactor() }
    }

    /// Ends a loop at once, as if its thread were gone; the others go on.
    func end(_ loop: Loop) {
        loop.isAsleep = false
        hasCrashed = true
        for node in nodes where node.loop === loop { node.party?.crash() }
        loop.reactor?.closeSockets()
        for node in nodes where node.loop === loop {
            node.party?.release()
            node.party = nil
        }
        loop.reactor = nil
    }

    /// Ends at once, as if the process were killed.
    func end() {
        relay?.proxyEnds()
        for loop in loops { end(loop) }
        // They end when they find that nothing owns them.
        while let sessions, sessions.hasWork { sessions.run(.nowait) }
        sessions = nil
        context = nil
    }
}
