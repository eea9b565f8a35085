import EventReactor
import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// What one connector does, whatever its dialer opens. In virtual time and over memory.
@Suite(.hangLimit)
struct ConnectorTests {
    private func withRoad(_ body: (Scene, MemoryRoad, ManualClock) throws -> Void) throws {
        let clock = ManualClock()
        try withScene(in: Context(), clock: clock) { try body($0, MemoryRoad(on: $0.reactor), clock) }
    }

    private func pass(_ time: Duration, _ clock: ManualClock, in scene: Scene) {
        var passed = Duration.zero
        while passed < time {
            clock.advance(by: .milliseconds(1))
            scene.reactor.run(.nowait)
            passed += .milliseconds(1)
        }
    }

    private func texts(_ pull: PullSocket) throws -> [String] {
        var texts: [String] = []
        while let message = try pull.tryReceive() { texts.append(message[0].string) }
        return texts
    }

    @Test("two sockets over memory: messages arrive in order, and a broken connection is made again")
    func sockets() throws {
        try withRoad { scene, road, clock in
            let (pull, push) = (try scene.pull(), try scene.push())
            road.bind(pull)
            road.connect(push)
            for number in 0..<300 { #expect(try push.send("\(number)") == .accepted) }
            pass(.milliseconds(30), clock, in: scene)
            #expect(try texts(pull) == (0..<300).map { "\($0)" })
            road.streams[0].near.reset()
            pass(.milliseconds(100), clock, in: scene)
            #expect(road.streams.count == 2 && push.statistics.reconnects == 1)
            #expect(try push.send("300") == .accepted)
            pass(.milliseconds(30), clock, in: scene)
            #expect(try texts(pull) == ["300"])
        }
    }

    @Test("pauses between attempts grow, each is an event, and a handshake begins them anew")
    func pauses() throws {
        try withRoad { scene, road, clock in
            let push = try scene.push {
                ($0.reconnectInterval, $0.reconnectIntervalMax) = (.milliseconds(100), .milliseconds(1000))
            }
            var pauses: [Duration] = []
            push.onEvent = { if case .connectDelayed(_, let pause, _) = $1 { pauses.append(pause) } }
            road.answer = .refuses
            road.connect(push)
            for _ in 0..<6 {
                let before = road.dials
                while road.dials == before { pass(.milliseconds(1), clock, in: scene) }
            }
            #expect(pauses.count == 7)
            for (pause, base) in zip(pauses, [100, 200, 400, 800, 1000, 1000, 1000]) {
                let (shortest, longest) = (Duration.milliseconds(base * 3 / 4), Duration.milliseconds(base * 5 / 4))
                #expect(pause >= shortest && pause <= min(longest, .milliseconds(1000)))
            }
            let pull = try scene.pull()
            road.bind(pull)
            road.answer = .accepts
            pass(.seconds(2), clock, in: scene)
            #expect(push.peerCount == 1)
            road.streams[0].near.reset()
            pass(.milliseconds(1), clock, in: scene)
            #expect(pauses[7] <= .milliseconds(125))
        }
    }

    @Test("a stop at a refusal ends the attempts")
    func stopsWhenRefused() throws {
        try withRoad { scene, road, clock in
            let push = try scene.push { $0.reconnectStop = .connectionRefused }
            var events: [String] = []
            push.onEvent = { _, event in
                switch event {
                case .connectFailed: events.append("failed")
                case .connectDelayed: events.append("delayed")
                case .closed: events.append("closed")
                default: events.append("other")
                }
            }
            road.answer = .refuses
            road.connect(push)
            pass(.seconds(10), clock, in: scene)
            #expect(events == ["failed", "closed"] && road.dials == 1)
            #expect(push.connectors.isEmpty)
        }
    }

    @Test("disconnecting waits for a connection as long as the linger, and reports what is left", arguments: [0, 3])
    func disconnect(seconds: Int) throws {
        try withRoad { scene, road, clock in
            let push = try scene.push { $0.linger = seconds == 0 ? .none : .atMost(.seconds(seconds)) }
            road.answer = .waits
            let connector = road.connect(push)
            for _ in 0..<5 { #expect(try push.send("x") == .accepted) }
            var report: CloseReport?
            connector.disconnect { report = $0 }
            if seconds > 0 {
                pass(.seconds(seconds) - .milliseconds(10), clock, in: scene)
                #expect(report == nil && !connector.isClosed)
            }
            pass(.milliseconds(20), clock, in: scene)
            #expect(report == CloseReport(unsentMessages: 5))
            #expect(connector.isClosed && push.connectors.isEmpty)
            #expect(push.statistics.dropped[.lingerExpired] == 5)
        }
    }

    @Test("what is queued leaves by the connection that comes while disconnecting")
    func disconnectWithQueue() throws {
        try withRoad { scene, road, clock in
            let (pull, push) = (try scene.pull(), try scene.push())
            road.bind(pull)
            road.answer = .refuses
            let connector = road.connect(push)
            for _ in 0..<5 { #expect(try push.send("x") == .accepted) }
            var report: CloseReport?
            connector.disconnect { report = $0 }
            pass(.milliseconds(1), clock, in: scene)
            #expect(try push.send("late") == .wouldBlock)
            road.answer = .accepts
            pass(.seconds(1), clock, in: scene)
            #expect(report == CloseReport(unsentMessages: 0))
            #expect(try texts(pull).count == 5 && connector.isClosed)
        }
    }

    @Test("the application may close the socket in any event of a connector or listener", arguments: 0..<8)
    func closing(at number: Int) throws {
        try withRoad { scene, road, clock in
            let (pull, push) = (try scene.pull(), try scene.push())
            var count = 0
            func closeNow(_ socket: Socket, _: SocketEvent) {
                if count == number { socket.close() }
                count += 1
            }
            push.onEvent = closeNow
            pull.onEvent = closeNow
            if number.isMultiple(of: 2) { road.answer = .refuses }
            road.bind(pull)
            road.connect(push)
            // Where the first event has closed it, nothing is taken.
            _ = try? push.send("x")
            pass(.milliseconds(20), clock, in: scene)
            road.answer = .accepts
            pass(.milliseconds(100), clock, in: scene)
            road.streams.first?.near.reset()
            pass(.milliseconds(100), clock, in: scene)
            #expect(count > number)
        }
    }
}
