import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor
@testable import ZMTP

/// Pipes without connections.
private func withPipes(_ count: Int, sendLimit: Int = 1000, _ body: ([Pipe]) throws -> Void) throws {
    try withScene { scene in
        let socket = try scene.pull { $0.sendHighWaterMark = sendLimit }
        let endpoint = try Endpoint("tcp://127.0.0.1:1")
        try body(
            (0..<count).map { _ in
                Pipe(of: socket, endpoint: endpoint, options: socket.endpointOptions.pipe, isPersistent: true)
            }
        )
    }
}

struct FairQueueTests {
    private func fill(_ queue: inout FairQueue, _ pipe: Pipe, _ text: String, _ count: Int) {
        for _ in 0..<count {
            pipe.inbound.append(MessageBatch(Message(text)))
            queue.add(pipe)
        }
    }

    private func drain(_ queue: inout FairQueue) -> String {
        var text = ""
        while let (message, _) = queue.next() { text += message.string }
        return text
    }

    @Test("pushes of 6 and 3 come out a, b, a, b, a, b, a, a, a")
    func twoPushers() throws {
        try withPipes(2) { pipes in
            var queue = FairQueue()
            fill(&queue, pipes[0], "a", 6)
            fill(&queue, pipes[1], "b", 3)
            check(!queue.isEmpty)
            #expect(drain(&queue) == "abababaaa")
            check(queue.isEmpty)
        }
    }

    @Test("PLL-7: a pipe that was empty returns behind the others")
    func comingBack() throws {
        try withPipes(3) { pipes in
            var queue = FairQueue()
            fill(&queue, pipes[0], "a", 1)
            fill(&queue, pipes[1], "b", 3)
            fill(&queue, pipes[2], "c", 3)
            check(queue.next()?.message == "a")
            fill(&queue, pipes[0], "a", 1)
            #expect(drain(&queue) == "bcabcbc")
            check(queue.next() == nil)
        }
    }

    @Test("PAR-11: in order, a pipe keeps its turn until it is empty")
    func inOrder() throws {
        try withPipes(2) { pipes in
            var queue = FairQueue(isInOrder: true)
            fill(&queue, pipes[0], "a", 3)
            fill(&queue, pipes[1], "b", 3)
            check(queue.firstStays)
            queue.rotate()
            check(queue.next()?.message == "a")
            fill(&queue, pipes[0], "a", 1)
            #expect(drain(&queue) == "aaabbb")
            check(queue.isEmpty && pipes.allSatisfy { !$0.isInFairQueue })
        }
    }

    @Test("a pipe without messages is not added; discarded messages are gone")
    func emptyPipes() throws {
        try withPipes(2) { pipes in
            var queue = FairQueue()
            queue.add(pipes[0])
            check(queue.isEmpty)
            fill(&queue, pipes[0], "a", 2)
            fill(&queue, pipes[1], "b", 2)
            #expect(queue.removeAll() == 4)
            check(queue.isEmpty && pipes.allSatisfy { $0.inbound.isEmpty })
            fill(&queue, pipes[1], "b", 1)
            #expect(drain(&queue) == "b")
        }
    }
}

struct RoundRobinTests {
    private func turn(_ rotation: inout RoundRobin, of pipes: [Pipe]) -> Int? {
        rotation.next().map { next in pipes.firstIndex { $0 === next.takeUnretainedValue() }! }
    }

    @Test("PSH-7: every pipe gets its turn")
    func turns() throws {
        try withPipes(3) { pipes in
            var rotation = RoundRobin()
            #expect(turn(&rotation, of: pipes) == nil)
            for pipe in pipes + pipes { rotation.add(pipe) }
            #expect((0..<7).map { _ in turn(&rotation, of: pipes) } == [0, 1, 2, 0, 1, 2, 0])
        }
    }

    @Test("PSH-8: a full pipe is skipped until it is added again")
    func fullPipes() throws {
        try withPipes(3, sendLimit: 2) { pipes in
            var rotation = RoundRobin()
            for pipe in pipes { rotation.add(pipe) }
            for _ in 0..<2 { pipes[1].outbound.append("x" as Message) }
            #expect((0..<4).map { _ in turn(&rotation, of: pipes) } == [0, 2, 0, 2])
            #expect(!pipes[1].isInRotation)
            _ = pipes[1].outbound.release(3)
            rotation.add(pipes[1])
            #expect(Set((0..<3).map { _ in turn(&rotation, of: pipes) }) == [0, 1, 2])
            for pipe in pipes { while pipe.hasKnownCapacity { pipe.outbound.append("x" as Message) } }
            #expect(turn(&rotation, of: pipes) == nil)
            #expect(rotation.isEmpty)
        }
    }

    @Test("pipes that leave do not disturb the turns of the others", arguments: 0..<4, 0..<4)
    func removing(after turns: Int, which: Int) throws {
        try withPipes(4) { pipes in
            var rotation = RoundRobin()
            for pipe in pipes { rotation.add(pipe) }
            for _ in 0..<turns { _ = rotation.next() }
            rotation.remove(pipes[which])
            rotation.remove(pipes[which])
            // From the same position, without the one that left.
            let expected = (0..<8).map { (turns + $0) % 4 }.filter { $0 != which }.prefix(6)
            #expect((0..<6).map { _ in turn(&rotation, of: pipes)! } == Array(expected))
        }
    }
}
