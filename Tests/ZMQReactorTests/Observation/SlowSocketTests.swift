import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMQReactor

/// Reports of slow handlers name the socket and the application's handler. In virtual time: a handler takes as long as it
/// advances the clock.
struct SlowSocketTests {
    private final class Worker: PullHandler {
        let clock: ManualClock
        init(_ clock: ManualClock) { self.clock = clock }
        func socket(_ socket: PullSocket, received message: Message) { clock.advance(by: .milliseconds(20)) }
    }

    /// The reports while one message is delivered.
    private func reports(
        _ scheme: String,
        _ make: (TestScene) throws -> PullSocket
    ) throws -> [SlowHandler] {
        try withTestScene { scene in
            var reports: [SlowHandler] = []
            scene.reactor.onSlowHandler(longerThan: .milliseconds(10)) { reports.append($0) }
            let pull = try make(scene)
            try pull.bind("\(scheme)://work")
            let push = try PushSocket(on: scene.reactor, in: scene.context)
            try push.connect("\(scheme)://work")
            #expect(try push.send("text") == .accepted)
            try scene.run(until: { !reports.isEmpty })
            return reports
        }
    }

    @Test(arguments: ["inproc", "memory"]) func aHandlerObject(scheme: String) throws {
        let reports = try reports(scheme) {
            try PullSocket(on: $0.reactor, in: $0.context, handler: Worker($0.clock))
        }
        #expect(reports.map(\.description) == ["Worker of PULL socket \(scheme)://work took 0.02 seconds"])
    }

    @Test(arguments: ["inproc", "memory"]) func aClosure(scheme: String) throws {
        let reports = try reports(scheme) { scene in
            try PullSocket(on: scene.reactor, in: scene.context) { [clock = scene.clock] _, _ in
                clock.advance(by: .milliseconds(20))
            }
        }
        #expect(reports.map(\.description) == ["a handler of PULL socket \(scheme)://work took 0.02 seconds"])
    }

    @Test("over tcp, in real time") func overTCP() throws {
        try withScene { scene in
            var reports: [SlowHandler] = []
            scene.reactor.onSlowHandler(longerThan: .milliseconds(5)) { reports.append($0) }
            let pull = try scene.pull { _, _ in
                let start = SuspendingClock().now
                while start.duration(to: SuspendingClock().now) < .milliseconds(6) {}
            }
            let endpoint = try pull.bind("tcp://127.0.0.1:*")
            let push = try scene.push()
            try push.connect(endpoint)
            try scene.run(until: { push.peerCount == 1 })
            reports = []
            #expect(try push.send("text") == .accepted)
            try scene.run(until: { reports.contains { $0.source == "PULL socket \(endpoint)" } })
        }
    }

    @Test func anEventHandler() throws {
        try withTestScene { scene in
            var reports: [SlowHandler] = []
            scene.reactor.onSlowHandler(longerThan: .milliseconds(10)) { reports.append($0) }
            let pull = try PullSocket(on: scene.reactor, in: scene.context)
            pull.onEvent = { [clock = scene.clock] _, event in
                if event.name == "handshake-succeeded" { clock.advance(by: .milliseconds(20)) }
            }
            try pull.bind("memory://work")
            let push = try PushSocket(on: scene.reactor, in: scene.context)
            try push.connect("memory://work")
            try scene.run(until: { pull.peerCount == 1 && push.peerCount == 1 })
            #expect(reports.map(\.source) == ["PULL socket memory://work"])
        }
    }
}
