import CSockets
import EventReactor
import Glibc

/// Looks at the rings of a reactor in each turn, for as long as its ``IdleStrategy`` polls; then each of them sleeps until
/// the peer wakes it by the socket.
///
/// While it looks, turns do not wait: descriptors, timers and other threads have their part as before.
final class RingPoller: ReactorLocal {
    private unowned var reactor: Reactor!
    private var awake: [SharedMemoryStream] = []
    private var isScheduled = false

    /// How many connections of the reactor have rings.
    var ringCount = 0

    /// More connections than this stay with the socket, so that memory is limited: a mebibyte is shared for each.
    static let mostRings = 128

    var hasRoom: Bool { ringCount < Self.mostRings }

    /// When the current polling without a result has begun, in nanoseconds; -1 when there is none.
    private var start: Int64 = -1
    private var adaptive = AdaptiveWaiting()

    /// How often memory is looked at before the processor is yielded: as long as that finds something at all. Where both
    /// sides share a processor only yielding it does.
    private var rounds = mostRounds
    private static let mostRounds = 24

    static func on(_ reactor: Reactor) -> RingPoller {
        let poller = of(reactor)
        poller.reactor = reactor
        return poller
    }

    /// Looks at the stream's rings from the next turn on.
    func add(_ stream: SharedMemoryStream) {
        awake.append(stream)
        schedule()
    }

    /// Looks at it no more. It would keep the reactor until the next turn, and none may follow.
    func forget(_ stream: SharedMemoryStream) {
        stream.isAwake = false
        for index in awake.indices where awake[index] === stream {
            awake.remove(at: index)
            return
        }
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        reactor.inNextTurn(self)
    }

    /// Serves each stream: again while that moves large pieces and the turn has room for them, because a turn for each
    /// would cost half as much as the piece. Returns whether there was anything.
    private func serve() -> Bool {
        var served = serveOnce()
        let found = served.found
        while served.movesMuch, !reactor.turnIsLoaded { served = serveOnce() }
        return found
    }

    /// Serves each stream once. Returns whether there was anything, and whether one of them has moved a large piece.
    private func serveOnce() -> (found: Bool, movesMuch: Bool) {
        var (found, movesMuch) = (false, false)
        var index = 0
        while index < awake.count {
            let stream = awake[index]
            let before = stream.moved
            if stream.serve() { found = true }
            if stream.moved - before >= Reactor.largePiece { movesMuch = true }
            // Connections come and go in that call: the next one may have taken this place.
            if index < awake.count, awake[index] === stream { index += 1 }
        }
        return (found, movesMuch)
    }

    private func forgetIdle() {
        for index in awake.indices.reversed() where awake[index].wanted.isEmpty {
            awake[index].isAwake = false
            awake.remove(at: index)
        }
    }

    /// Looks at the memory for a moment. Returns whether there is something.
    private func look(yielding isAdaptive: Bool) -> Bool {
        for _ in 0..<rounds {
            if isReady {
                rounds = Self.mostRounds
                return true
            }
            csockets_relax()
        }
        guard isAdaptive else { return false }
        sched_yield()
        guard isReady else { return false }
        rounds = max(rounds / 2, 1)
        return true
    }

    private var isReady: Bool {
        for stream in awake where !stream.readyNow.isEmpty { return true }
        return false
    }

    private func begin(at now: Int64, _ strategy: IdleStrategy.Polling) -> Bool {
        if strategy.isAdaptive {
            adaptive.noteDescriptor()
            guard adaptive.begins() else { return false }
        }
        start = now
        return true
    }

    private func end(found: Bool, at now: Int64, _ strategy: IdleStrategy.Polling) {
        if strategy.isAdaptive { adaptive.ended(found: found, after: now - start) }
        start = -1
    }

    /// Nothing was there in this turn. Returns whether to look again in the next one.
    private func staysAwake() -> Bool {
        let strategy = reactor.idleStrategy.polling
        let now = reactor.pollingClock
        guard strategy.limit > 0 else { return false }
        guard start >= 0 || begin(at: now, strategy) else {
            // The peer may be copying at this moment.
            if look(yielding: false) { return serve() }
            rounds = max(rounds / 2, 1)
            return false
        }
        if look(yielding: strategy.isAdaptive) {
            end(found: true, at: reactor.pollingClock, strategy)
            _ = serve()
            return true
        }
        if now - start > strategy.limit {
            end(found: false, at: now, strategy)
            return false
        }
        return true
    }

    private func fallAsleep() {
        for index in awake.indices.reversed() where awake[index].fallAsleep() { awake.remove(at: index) }
    }
}

extension RingPoller: NextTurnHandler {
    func reactorTurnGoesOn() {
        isScheduled = false
        forgetIdle()
        guard !awake.isEmpty else { return start = -1 }
        if serve() {
            if start >= 0 { end(found: true, at: reactor.pollingClock, reactor.idleStrategy.polling) }
        } else if !staysAwake() {
            fallAsleep()
        }
        if !awake.isEmpty { schedule() }
    }
}

extension RingPoller: EndOfThreadHandler {
    // They refer to the reactor.
    func reactorThreadEnds() { awake = [] }
}
