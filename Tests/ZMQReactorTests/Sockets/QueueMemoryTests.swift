import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Memory is bounded by the budgets, and returned to the system when peers have disconnected. Each test runs in its own
/// process, which prints what it finds.
@Suite(.hangLimit)
struct QueueMemoryTests {
    private static let peers = 50
    private static let budget = 128 << 20

    /// A socket's memory since the measurement started.
    private struct Measure {
        let start: Int
        init() throws { start = try ProcessResources.memoryInUse() }
        func taken() throws -> Int { try ProcessResources.memoryInUse() - start }

        /// When all queues are as full as possible.
        func expectBounded() throws {
            let full = try taken()
            print("full: \(full >> 20) MiB", terminator: ", ")
            #expect(full < 2 * QueueMemoryTests.budget)
        }

        /// When nothing is queued any more.
        func expectGivenBack(_ scene: Scene) throws {
            // I/O threads release their own end of the connections.
            try? scene.run(until: { try taken() < 16 << 20 }, within: .seconds(3))
            let empty = try taken()
            print("empty: \(empty >> 20) MiB")
            fflush(nil)
            #expect(empty < 32 << 20)
        }
    }

    private func report(_ what: String, _ ioThreads: Int, _ size: Int, _ result: ExitTest.Result?) {
        print(
            "\(what), \(size) bytes, \(ioThreads) I/O threads: \(text(result?.standardOutputContent))",
            terminator: ""
        )
    }

    @Test("Memory: many subscribers that never read", arguments: [0, 1], [100, 4000])
    func subscribers(ioThreads: Int, size: Int) async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            [ioThreads, size] in
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let pub = try scene.pub {
                    $0.sendHighWaterMark = 0
                    $0.sendBudget = Self.budget
                }
                let peers = try (0..<Self.peers).map { _ in try scene.rawPeer("SUB", of: pub, receiveBuffer: 4096) }
                for peer in peers { peer.subscribe("") }
                try scene.wait(for: peers.count, subscribersOf: pub)
                let measure = try Measure()
                let message = Message([UInt8](repeating: 1, count: size))
                while pub.statistics.messagesDropped < 2 * Self.budget / size {
                    for _ in 0..<100 { try pub.send(message) }
                    scene.reactor.run(.nowait)
                }
                try measure.expectBounded()
                for peer in peers { peer.reset() }
                try scene.wait("their end") { pub.peerCount == 0 }
                try measure.expectGivenBack(scene)
            }
        }
        report("subscribers", ioThreads, size, result)
    }

    @Test("Memory: many workers that never read", arguments: [0, 1], [1000, 20_000, 200_000])
    func workers(ioThreads: Int, size: Int) async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            [ioThreads, size] in
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let push = try scene.push {
                    $0.sendHighWaterMark = 0
                    $0.sendBudget = Self.budget
                }
                let peers = try (0..<Self.peers).map { _ in
                    try scene.rawPeer("PULL", of: push, receiveBuffer: 4096)
                }
                let measure = try Measure()
                let body = [UInt8](repeating: 1, count: size)
                var quiet = 0
                while quiet < 20 {
                    quiet += 1
                    while try push.send(Message(body)) == .accepted { quiet = 0 }
                    scene.settle(.milliseconds(2))
                }
                try measure.expectBounded()
                // Unsent messages of a lost worker would wait for another one.
                try push.configure { $0.linger = .none }
                for peer in peers { peer.reset() }
                try scene.close(push)
                try measure.expectGivenBack(scene)
            }
        }
        report("workers", ioThreads, size, result)
    }

    @Test("Memory: many senders whose messages are not received", arguments: [0, 1], [200, 4000, 30_000])
    func senders(ioThreads: Int, size: Int) async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            [ioThreads, size] in
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let pull = try scene.pull {
                    $0.receiveHighWaterMark = 0
                    $0.receiveBudget = Self.budget
                }
                let message = Wire.longFrame([UInt8](repeating: 1, count: size), isLast: true)
                let unit = [UInt8]((0..<max(1, 100_000 / size)).map { _ in message }.joined())
                let peers = try (0..<Self.peers).map { _ in try scene.rawPeer("PUSH", of: pull) }
                let measure = try Measure()
                var (rests, quiet) = (peers.map { _ in unit[...] }, 0)
                // Until the socket stops reading, which it does only when the budget is nearly used up.
                while quiet < 50 || pull.messagesWaiting * size < Self.budget / 8 * 7 {
                    var moved = 0
                    for (index, peer) in peers.enumerated() {
                        let count = max(peer.send(Array(rests[index])), 0)
                        rests[index] = count == rests[index].count ? unit[...] : rests[index].dropFirst(count)
                        moved += count
                    }
                    quiet = moved == 0 ? quiet + 1 : 0
                    scene.settle(.milliseconds(moved == 0 ? 2 : 0))
                }
                try measure.expectBounded()
                for peer in peers { peer.reset() }
                let isAllTaken = {
                    for _ in 0..<10_000 where try pull.tryReceive() == nil { return pull.peerCount == 0 }
                    return false
                }
                try scene.run(until: isAllTaken, "all to be taken", within: .seconds(60))
                try measure.expectGivenBack(scene)
            }
        }
        report("senders", ioThreads, size, result)
    }

    @Test("Memory: messages that arrive one by one and wait", arguments: [0, 1])
    func oneByOne(ioThreads: Int) async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) { [ioThreads] in
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let pull = try scene.pull { $0.receiveHighWaterMark = 0 }
                let message = Wire.longFrame([UInt8](repeating: 1, count: 200), isLast: true)
                let peers = try (0..<20).map { _ in try scene.rawPeer("PUSH", of: pull) }
                let measure = try Measure()
                let start = pull.statistics.bytesReceived
                var sent = 0
                for _ in 0..<500 {
                    for peer in peers { sent += peer.send(message) }
                    // With I/O threads the socket's own takes nothing meanwhile.
                    try waitUntil("a message of each") {
                        if ioThreads == 0 { scene.reactor.run(.nowait) }
                        return pull.statistics.bytesReceived == start + sent
                    }
                }
                let taken = try measure.taken()
                print("waiting: \(taken >> 10) KiB, sent: \(sent >> 10) KiB", terminator: ", ")
                #expect(taken < 2 * sent + 8 << 20)
                try scene.run(until: { pull.messagesWaiting == 10_000 })
                while try pull.tryReceive() != nil {}
                try measure.expectGivenBack(scene)
            }
        }
        report("one by one", ioThreads, 200, result)
    }
}
