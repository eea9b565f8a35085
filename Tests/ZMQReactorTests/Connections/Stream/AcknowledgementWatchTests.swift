import EventReactor
import Testing

@testable import ZMQReactor

/// In virtual time: no test here waits.
struct AcknowledgementWatchTests {
    private final class Connection: AcknowledgedConnection {
        private(set) var looks = 0
        private(set) var isEnded = false
        var whenEnded: () -> Void = {}
        private var bytes = 1
        var unacknowledged: Int {
            looks += 1
            return bytes
        }
        func acknowledge() { bytes = 0 }
        func end(_ reason: EventReason) {
            isEnded = true
            whenEnded()
        }
    }

    private let clock = ManualClock()
    private let reactor: Reactor
    private let watch = AcknowledgementWatch()

    init() throws { reactor = try Reactor(clock: clock) }

    private func pass(_ duration: Duration, step: Duration = .milliseconds(1)) {
        var passed = Duration.zero
        while passed < duration {
            clock.advance(by: step)
            reactor.run(.nowait)
            passed += step
        }
    }

    @Test("a connection is checked after 5, 10, 20, … ms, then every 640 ms")
    func backOff() {
        let connection = Connection()
        watch.add(connection, on: reactor)
        pass(.milliseconds(4))
        #expect(connection.looks == 0)
        for (time, looks) in [(5, 1), (15, 2), (35, 3), (75, 4), (155, 5), (315, 6), (635, 7), (1275, 8), (1915, 9)] {
            while clock.nanoseconds < 1_000_000_000 + Int64(time) * 1_000_000 { pass(.milliseconds(1)) }
            #expect(connection.looks == looks)
        }
    }

    @Test("a connection ends with a delay of at most its waiting time, and only once")
    func ending() {
        for wait in [1, 7, 30, 300, 2000] {
            let connection = Connection()
            var ends = 0
            connection.whenEnded = { ends += 1 }
            watch.add(connection, on: reactor)
            pass(.milliseconds(wait))
            #expect(!connection.isEnded)
            connection.acknowledge()
            pass(.milliseconds(min(wait + 5, 640)))
            #expect(connection.isEnded)
            pass(.seconds(2))
            #expect(ends == 1)
        }
    }

    @Test("a thousand connections that wait for ever take 100 turns in a minute, whenever they started")
    func work() {
        let connections = (0..<1000).map { _ in Connection() }
        for connection in connections {
            watch.add(connection, on: reactor)
            pass(.milliseconds(1))
        }
        pass(.seconds(2))
        // A turn of the reactor without a due timer checks nothing.
        let looksBefore = connections.reduce(0) { $0 + $1.looks }
        var busyTurns = 0
        var last = looksBefore
        for _ in 0..<60_000 {
            pass(.milliseconds(1))
            let looks = connections[0].looks + connections[999].looks
            if looks != last { busyTurns += 1 }
            last = looks
        }
        #expect(busyTurns <= 100)
        let looks = connections.reduce(0) { $0 + $1.looks } - looksBefore
        #expect(looks <= 1000 * 95 && looks >= 1000 * 90)
    }

    @Test("one that ended otherwise, or is gone, is not checked; one added while others end is")
    func leavingAndComing() {
        let (ended, late) = (Connection(), Connection())
        var gone: Connection? = Connection()
        weak let goneOne = gone
        watch.add(ended, on: reactor)
        watch.add(gone!, on: reactor)
        gone = nil
        #expect(goneOne == nil)
        ended.end(.peerClosed)
        let first = Connection()
        first.acknowledge()
        first.whenEnded = { [watch, reactor] in watch.add(late, on: reactor) }
        watch.add(first, on: reactor)
        pass(.milliseconds(5))
        #expect(ended.looks == 0 && first.isEnded && late.looks == 0)
        late.acknowledge()
        pass(.milliseconds(5))
        #expect(late.isEnded)
    }

    @Test("the timer ends with the last connection, and comes back with the next")
    func timerEnds() {
        let connections = (0..<3).map { _ in Connection() }
        for connection in connections {
            connection.whenEnded = { [watch] in watch.connectionEnded() }
            watch.add(connection, on: reactor)
            pass(.milliseconds(20))
        }
        for connection in connections[..<2] { connection.end(.peerClosed) }
        #expect(reactor.activeWatchers.timers == 1)
        connections[2].end(.peerClosed)
        #expect(reactor.activeWatchers.timers == 0)
        let next = Connection()
        next.whenEnded = { [watch] in watch.connectionEnded() }
        watch.add(next, on: reactor)
        #expect(reactor.activeWatchers.timers == 1)
        // The last one may end by being checked.
        next.acknowledge()
        pass(.milliseconds(5))
        #expect(next.isEnded && reactor.activeWatchers.timers == 0)
    }
}
