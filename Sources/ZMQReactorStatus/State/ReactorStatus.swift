import EventReactor
import ZMQReactor

/// A reactor at one moment, with its sockets of one context.
struct ReactorStatus: Sendable, Equatable {
    /// Of the thread, as `top -H` shows it.
    let threadName: String
    let threadID: Int?
    /// The time of these numbers in nanoseconds, on a clock that only goes forward.
    let time: Int64
    /// Since a page shows it.
    let turns: TurnStatistics
    let slowHandlers: Int
    let lastSlowHandler: SlowHandler?
    let timers: Int
    let watchers: Int
    let sockets: [SocketStatus]
    let socketsOmitted: Int

    /// The most sockets that are shown, the oldest ones.
    static let socketLimit = 200

    /// Call on the reactor's thread.
    ///
    /// - Parameters:
    ///   - hidden: the number of a socket that is left out.
    ///   - user: the key of the collector that asks.
    init(of reactor: Reactor, in context: Context, without hidden: Int, for user: Int) {
        let watch = TurnWatch.of(reactor)
        watch.begin(for: user, on: reactor)
        (turns, slowHandlers, lastSlowHandler) = (reactor.turnStatistics, watch.slowHandlers, watch.lastSlowHandler)
        (threadName, threadID) = System.thread
        time = reactor.nanoseconds
        (timers, watchers) = reactor.activeWatchers
        let sockets = reactor.openSockets.filter { $0.context === context && $0.number != hidden }
        self.sockets = sockets.prefix(Self.socketLimit).map(SocketStatus.init)
        socketsOmitted = max(0, sockets.count - Self.socketLimit)
    }
}
