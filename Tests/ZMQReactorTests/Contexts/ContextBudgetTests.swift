import EventReactor
import Synchronization
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Queued and untaken messages of all sockets of a context together.
@Suite(.hangLimit)
struct ContextBudgetTests {
    private static let message = Message([UInt8](repeating: 1, count: 10_000))

    private final class Done: Sendable {
        let count = Atomic(0)
    }

    private static func context(_ ioThreads: Int) -> Context {
        Context(ioThreads: ioThreads, sendBudget: 1 << 20, receiveBudget: 1 << 20)
    }

    /// Sends until nothing more is accepted, and `isFull` holds. The other reactor learns of that.
    private func fill(_ push: PushSocket, _ scene: Scene, turning other: Scene, until isFull: () -> Bool) throws {
        try scene.wait("a full queue") {
            other.reactor.run(.nowait)
            return try push.fill(with: Self.message) == 0 && isFull()
        }
    }

    /// Calls `body` with two reactors of one context.
    private func withTwoScenes(_ ioThreads: Int, _ body: (Scene, Scene) throws -> Void) throws {
        let context = Self.context(ioThreads)
        try withScene(in: context) { one in
            try withScene(in: context) { other in try body(one, other) }
        }
    }

    @Test(
        "Budget: what one socket has queued leaves another of the context its share, and both proceed",
        arguments: [0, 1]
    )
    func sending(ioThreads: Int) throws {
        try withTwoScenes(ioThreads) { one, other in
            let recorder = Recorder()
            // With small buffers of the system a budget that is used up stays so, however late it takes something.
            let push = try one.push { $0.sendBuffer = 4096 }
            let second = try other.push({ $0.sendBuffer = 4096 }, handler: recorder)
            let peer = try one.rawPeer("PULL", of: push, receiveBuffer: 4096)
            let secondPeer = try other.rawPeer("PULL", of: second, receiveBuffer: 4096)
            try fill(push, one, turning: other) { one.context.sending.isExhausted }
            let queued = push.bytesToSend
            #expect(queued > 1 << 19 && queued < 1 << 20 + 200_000)
            // Its share, and no more.
            try fill(second, other, turning: one) { second.bytesToSend >= 64 * 1024 }
            #expect(second.bytesToSend <= 64 * 1024 + 10_100)
            // Room in the one is room in the other.
            let before = recorder.writableCount
            secondPeer.poll()
            try other.wait("room") {
                peer.poll()
                (peer.received, secondPeer.received) = ([], [])
                one.reactor.run(.nowait)
                return recorder.writableCount > before && !one.context.sending.isExhausted
            }
            #expect(try second.send(Self.message) == .accepted)
            for socket in [push, second] { try socket.configure { $0.linger = .none } }
            try one.close(push)
            try other.close(second)
            #expect(!one.context.sending.isExhausted)
            #expect(!one.context.sending.change(by: (1 << 20) - 1), "nothing else is counted")
        }
    }

    @Test("Budget: untaken messages of one socket stop another of the context, and all arrive", arguments: [0, 1])
    func receiving(ioThreads: Int) throws {
        try withTwoScenes(ioThreads) { one, other in
            let pulls = [try one.pull(), try other.pull()]
            let pushes = [try one.push(), try other.push()]
            let scenes = [one, other]
            for (index, scene) in scenes.enumerated() {
                try pushes[index].configure { $0.sendBuffer = 64 << 10 }
                try scene.connect(pushes[index], to: pulls[index])
            }
            var accepted = [0, 0]
            func turn() throws -> Bool {
                var hasMoved = false
                let before = pulls.map(\.statistics.messagesReceived)
                for index in 0..<2 {
                    if accepted[index] < 500, try pushes[index].send(Self.message) == .accepted {
                        accepted[index] += 1
                        hasMoved = true
                    }
                    scenes[index].reactor.run(.nowait)
                }
                return hasMoved || pulls.map(\.statistics.messagesReceived) != before
            }
            // The peers are in the same context: only its receive budget must be the limit.
            func waiting() -> Int { pulls.reduce(0) { $0 + $1.messagesWaiting } * 10_000 }
            try other.wait("half of the budget") {
                _ = try turn()
                return waiting() > 1 << 19
            }
            var quiet = 0
            while quiet < 20 {
                quiet = try turn() ? 0 : quiet + 1
                one.settle(.milliseconds(quiet > 0 ? 2 : 0))
            }
            #expect(waiting() < 1 << 20 + 2 * 220_000)
            var received = 0
            try other.wait("everything") {
                _ = try turn()
                for pull in pulls { while try pull.tryReceive() != nil { received += 1 } }
                return received == 1000
            }
            // I/O threads are notified of taken messages.
            try other.wait("a budget that is free") {
                _ = try turn()
                return one.context.receiving.used == 0
            }
        }
    }

    @Test(
        "Budget: when incomplete messages of several sockets use up the context's budget, the connection that brings more ends"
    )
    func unfinished() throws {
        try withTwoScenes(0) { one, other in
            let pulls = [try one.pull(), try other.pull()]
            var reasons: [EventReason] = []
            for pull in pulls {
                pull.onEvent = { if case .disconnected(_, _, let reason) = $1 { reasons.append(reason) } }
            }
            let peers = [try one.rawPeer("PUSH", of: pulls[0]), try other.rawPeer("PUSH", of: pulls[1])]
            let part = Wire.longFrame([UInt8](repeating: 1, count: 10_000), isLast: false)
            var rests = [[], []] as [ArraySlice<UInt8>]
            try other.wait("the end") {
                for (index, peer) in peers.enumerated() {
                    if rests[index].isEmpty { rests[index] = part[...] }
                    rests[index] = rests[index].dropFirst(max(peer.send(Array(rests[index])), 0))
                }
                one.reactor.run(.nowait)
                return !reasons.isEmpty
            }
            #expect(reasons.map(\.kind) == [.limitExceeded(.unfinishedBytes)])
            #expect(pulls.reduce(0) { $0 + $1.statistics.limits[.unfinishedBytes] } == 1)
            #expect(pulls.reduce(0) { $0 + $1.peerCount } == 1)
        }
    }

    @Test("Budget: a socket created while the context's is used up is held to its share, and becomes writable later")
    func laterSocket() throws {
        try withTwoScenes(0) { one, other in
            let push = try one.push()
            try push.connect(freeEndpoint())
            try push.connect(freeEndpoint())
            _ = try push.fill(with: Self.message)
            #expect(one.context.sending.isExhausted)
            let later = try other.push()
            try later.connect(freeEndpoint())
            #expect(try (1...8).contains(later.fill(with: Self.message)))
            try push.configure { $0.linger = .none }
            try one.close(push)
            try other.wait("room") { try later.send(Self.message) == .accepted }
            #expect(try later.fill(with: Self.message) > 50)
            try later.configure { $0.linger = .none }
        }
    }

    @Test("Budget: with several threads the state of the context's budget is consistent, and free in the end")
    func threads() throws {
        let budget = SharedSendBudget(1000)
        let done = Done()
        for _ in 0..<4 {
            startThread {
                for round in 0..<20_000 {
                    let size = 1 + round % 500
                    _ = budget.change(by: size)
                    _ = budget.change(by: -size)
                }
                done.count.add(1, ordering: .sequentiallyConsistent)
            }
        }
        try waitUntil("all threads") { done.count.load(ordering: .sequentiallyConsistent) == 4 }
        #expect(!budget.isExhausted)
        #expect(!budget.change(by: 999) && budget.change(by: 1) && budget.isExhausted)
        #expect(!budget.change(by: -499) && budget.isExhausted)
        #expect(budget.change(by: -1) && !budget.isExhausted)
    }

    @Test("Budget: the defaults of a context, and none")
    func options() throws {
        let context = Context()
        #expect(context.sendBudget == 2 << 30 && context.receiveBudget == 2 << 30)
        let unlimited = Context(sendBudget: nil, receiveBudget: nil)
        #expect(unlimited.sendBudget == nil && unlimited.receiveBudget == nil)
        #expect(!unlimited.sending.change(by: .max / 4) && !unlimited.sending.isExhausted)
    }

    @Test("Budget: a context cannot have a budget of zero")
    func nothing() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Context(sendBudget: 0)
        }
        let complaint = text(result?.standardErrorContent)
        #expect(complaint.contains("sendBudget must be 1 byte or more, not 0"))
        await #expect(processExitsWith: .failure) { _ = Context(receiveBudget: -1) }
    }
}
