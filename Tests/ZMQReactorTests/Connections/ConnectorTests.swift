import EventReactor
import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

/// What one connector does, whatever its dialer opens. In virtual time and over memory.
@Suite(.hangLimit)
struct ConnectorTests {
    private let road = "memory://road"

    private func texts(_ pull: PullSocket) throws -> [String] {
        var texts: [String] = []
        while let message = try pull.tryReceive() { texts.append(message[0].string) }
        return texts
    }

    @Test("two sockets over memory: messages arrive in order, and a broken connection is made again")
    func sockets() throws {
        try withVirtualScene { scene in
            let (pull, push) = (try scene.pull(), try scene.push())
            try pull.bind(road)
            try push.connect(road)
            for number in 0..<300 { #expect(try push.send("\(number)") == .accepted) }
            scene.run(for: .milliseconds(30))
            #expect(try texts(pull) == (0..<300).map { "\($0)" })
            scene.network.connections[0].reset()
            scene.run(for: .milliseconds(100))
            #expect(scene.network.attemptCount == 2 && push.statistics.reconnects == 1)
            #expect(try push.send("300") == .accepted)
            scene.run(for: .milliseconds(30))
            #expect(try texts(pull) == ["300"])
        }
    }

    @Test("pauses between attempts grow, each is an event, and a handshake begins them anew")
    func pauses() throws {
        try withVirtualScene { scene in
            let push = try scene.push {
                ($0.reconnectInterval, $0.reconnectIntervalMax) = (.milliseconds(100), .milliseconds(1000))
            }
            var pauses: [Duration] = []
            push.onEvent = { if case .connectDelayed(_, let pause, _) = $1 { pauses.append(pause) } }
            scene.network.onConnect = { _ in .refused }
            try push.connect(road)
            for _ in 0..<6 {
                let before = scene.network.attemptCount
                while scene.network.attemptCount == before { scene.run(for: .milliseconds(1)) }
            }
            #expect(pauses.count == 7)
            for (pause, base) in zip(pauses, [100, 200, 400, 800, 1000, 1000, 1000]) {
                let (shortest, longest) = (Duration.milliseconds(base * 3 / 4), Duration.milliseconds(base * 5 / 4))
                #expect(pause >= shortest && pause <= min(longest, .milliseconds(1000)))
            }
            let pull = try scene.pull()
            try pull.bind(road)
            scene.network.onConnect = { _ in .accepted }
            scene.run(for: .seconds(2))
            #expect(push.peerCount == 1)
            scene.network.connections[0].reset()
            scene.run(for: .milliseconds(1))
            #expect(pauses[7] <= .milliseconds(125))
        }
    }

    @Test("a stop at a refusal ends the attempts")
    func stopsWhenRefused() throws {
        try withVirtualScene { scene in
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
            scene.network.onConnect = { _ in .refused }
            try push.connect(road)
            scene.run(for: .seconds(10))
            #expect(events == ["failed", "closed"] && scene.network.attemptCount == 1)
            #expect(push.connectors.isEmpty)
        }
    }

    @Test("disconnecting waits for a connection as long as the linger, and reports what is left", arguments: [0, 3])
    func disconnect(seconds: Int) throws {
        try withVirtualScene { scene in
            let push = try scene.push { $0.linger = seconds == 0 ? .none : .atMost(.seconds(seconds)) }
            scene.network.onConnect = { _ in .none }
            try push.connect(road)
            let connector = push.connectors[0]
            for _ in 0..<5 { #expect(try push.send("x") == .accepted) }
            var report: CloseReport?
            connector.disconnect { report = $0 }
            if seconds > 0 {
                scene.run(for: .seconds(seconds) - .milliseconds(10))
                #expect(report == nil && !connector.isClosed)
            }
            scene.run(for: .milliseconds(20))
            #expect(report == CloseReport(unsentMessages: 5))
            #expect(connector.isClosed && push.connectors.isEmpty)
            #expect(push.statistics.dropped[.lingerExpired] == 5)
        }
    }

    @Test("what is queued leaves by the connection that comes while disconnecting")
    func disconnectWithQueue() throws {
        try withVirtualScene { scene in
            let (pull, push) = (try scene.pull(), try scene.push())
            try pull.bind(road)
            scene.network.onConnect = { _ in .refused }
            try push.connect(road)
            let connector = push.connectors[0]
            for _ in 0..<5 { #expect(try push.send("x") == .accepted) }
            var report: CloseReport?
            connector.disconnect { report = $0 }
            scene.run(for: .milliseconds(1))
            #expect(try push.send("late") == .wouldBlock)
            scene.network.onConnect = { _ in .accepted }
            scene.run(for: .seconds(1))
            #expect(report == CloseReport(unsentMessages: 0))
            #expect(try texts(pull).count == 5 && connector.isClosed)
        }
    }

    @Test("the application may close the socket in any event of a connector or listener", arguments: 0..<8)
    func closing(at number: Int) throws {
        try withVirtualScene { scene in
            let (pull, push) = (try scene.pull(), try scene.push())
            var count = 0
            func closeNow(_ socket: Socket, _: SocketEvent) {
                if count == number { socket.close() }
                count += 1
            }
            push.onEvent = closeNow
            pull.onEvent = closeNow
            if number.isMultiple(of: 2) { scene.network.onConnect = { _ in .refused } }
            try pull.bind(road)
            try push.connect(road)
            // Where the first event has closed it, nothing is taken.
            _ = try? push.send("x")
            scene.run(for: .milliseconds(20))
            scene.network.onConnect = { _ in .accepted }
            scene.run(for: .milliseconds(100))
            scene.network.connections.first?.reset()
            scene.run(for: .milliseconds(100))
            #expect(count > number)
        }
    }
}
