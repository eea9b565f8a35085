import ZMQReactor

#if Logging
    import Logging
    import ZMQReactorLogging
#endif
#if Metrics
    import ZMQReactorMetrics
#endif

/// What Sources/ZMQReactor/Documentation.docc/Observability.md shows.
enum ObservabilityPage {
    static func statistics(_ reactor: Reactor, _ socket: PullSocket) {
        reactor.every(.seconds(60)) { _ in
            let statistics = socket.statistics
            print(statistics.messagesReceived, "messages, dropped:", statistics.dropped)
            print(socket.peerCount, "peers,", socket.messagesWaiting, "messages wait")
        }
    }

    static func events(_ socket: PullSocket) {
        socket.onEvent = { _, event in print(event) }
    }

    static func slow(_ reactor: Reactor) {
        reactor.onSlowHandler(longerThan: .milliseconds(50)) { slow in
            print(slow)  // Worker of PULL socket tcp://127.0.0.1:5555 took 0.12 seconds
        }
    }

    static func stuck(_ reactor: Reactor) throws {
        let watchdog = try Watchdog(limit: .seconds(2)) { stuck in print(stuck) }
        watchdog.watch(reactor)
    }

    static func turns(_ reactor: Reactor) {
        reactor.measuresTurns = true
        reactor.every(.seconds(60)) { _ in
            let turns = reactor.turnStatistics
            print(turns.turns, "turns, busy for", turns.busyTime, "longest", turns.longestTurn)
        }
    }

    final class Heartbeat: ZMQReactor.TimerHandler {
        func timerFired(_ timer: ReactorTimer) { print("alive") }
    }

    #if Logging && Metrics
        static func adapters(_ context: Context, _ reactor: Reactor) throws {
            let logger = Logger(label: "orders")
            let log = try context.log(to: logger)

            let metrics = try MetricsPublisher(every: .seconds(10))
            metrics.publish(context)
            metrics.publish(reactor, named: "main")

            log.flush()
            metrics.flush()
        }
    #endif
}
